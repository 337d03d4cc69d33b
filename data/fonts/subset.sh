#!/usr/bin/env bash
# Makes the two fonts of this folder anew, byte for byte, from Debian's package fonts-noto-cjk
# (1:20220127+repack1-1: Noto Sans CJK 2.004). Needs fonttools (a development dependency).
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-../../.venv/bin/python}
from=${1:-/usr/share/fonts/opentype/noto}
characters=$(mktemp)
trap 'rm -f "$characters"' EXIT
"$python" - "$characters" <<'PYTHON'
import sys
from pathlib import Path

cells = (bytes((row, cell)) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF))
gb2312 = {cell.decode("gb2312", "ignore") for cell in cells}
names = set(Path("names.txt").read_text(encoding="utf-8").split("\n")[0])
Path(sys.argv[1]).write_text("".join(sorted(gb2312 | names)), encoding="utf-8")
PYTHON
for weight in Regular Bold; do
    # Face 2 of the collection is the one for simplified Chinese.
    "$python" -m fontTools.subset "$from/NotoSansCJK-$weight.ttc" --font-number=2 --text-file="$characters" \
        --unicodes=U+0020-007E,U+00A0-017F,U+2010-2027,U+2030-203B,U+20AC,U+2103,U+2116,U+2190-2199,U+2212,U+2248,U+2260-2265,U+2460-2473,U+25A0-25CF,U+3000-303F,U+FF01-FF5E,U+FFE5 \
        --layout-features=kern,locl,ccmp,mark,mkmk,tnum,palt,halt,chws \
        --no-hinting --output-file="NotoSansCJKsc-$weight.otf"
done
