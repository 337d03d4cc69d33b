"""How long the reports of a whole district take to print, on one core.

`python -m benchmarks.reports [--hubs 177]` scores a made-up cycle in a database of its own, prints the managers' report
and every hub's own report as PDF, and the managers' workbook. Target: 177 hub PDFs under three minutes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sqlmodel import Session, col, select

from documents.paper_workbook import as_workbook
from documents.papers import as_pdf
from models import Assessment, Hub, HubFact, Invitation, Partner, Person, schema
from models.session import make_engine
from services import evaluations, reports
from services.report_audit import audit_file
from services.report_hub_paper import hub_paper
from services.report_paper import report_paper
from tests.factories import NOW, make_coordinator, make_hub, make_manager, make_unit, save
from tests.services.evaluation_cast import FACTS, ITEMS, RUBRICS, make_assessor, serve

LATER = NOW + timedelta(days=7)
STREETS = 15


def district(session: Session, hubs: int) -> tuple[Person, dict[int, Person]]:
    chance = Random(7)
    top = make_unit(session, code="XC", name_zh="西城区", name_en="Xicheng", kind="district")
    streets = [make_unit(session, parent=top, code=f"XC-{n:02}") for n in range(STREETS)]
    partners = [save(session, Partner(code=f"P{n}", name_zh=f"事务所{n}")) for n in range(4)]
    people = {}
    for n in range(hubs):
        hub = make_hub(
            session, unit=streets[n % STREETS], code=f"XC-{n:03}", partner_id=partners[n % 4].id,
            is_demonstration=n % 35 == 0,
        )  # fmt: skip
        serve(session, hub, 14)
        for fact, value in FACTS.items():
            save(
                session,
                HubFact(
                    hub_id=hub.id, fact=fact, value=value * chance.uniform(0.6, 1.05), as_of=date(2026, 6, 30)
                ),
            )
        people[hub.id or 0] = make_coordinator(session, hub)
    for n in range(40):
        make_assessor(session, top, partners[n % 4])
    return make_manager(session, top, name="祁望舒"), people


def answered(session: Session) -> None:
    chance = Random(11)
    for assessment in session.exec(select(Assessment).order_by(col(Assessment.id))).all():
        levels = {name: chance.choice((1, 2, 2, 3, 3, 3, 4)) for name in RUBRICS}
        evaluations.record_assessment(session, assessment.id or 0, levels, now=NOW)
    for invitation in session.exec(select(Invitation).order_by(col(Invitation.id))).all():
        answers = {item: min(5, max(1, round(chance.gauss(4.1, 0.8)))) for item in ITEMS}
        evaluations.record_survey(session, invitation.id or 0, answers, now=NOW)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hubs", type=int, default=177)
    parser.add_argument("--keep", type=Path, help="a folder for the files")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        schema.upgrade(engine)
        with Session(engine) as session:
            run(session, options.hubs, options.keep)
        engine.dispose()


def run(session: Session, hubs: int, keep: Path | None) -> None:
    manager, people = district(session, hubs)
    evaluations.open_cycle(session, code="E1", unit="XC", now=NOW)
    answered(session)
    evaluations.score(session, "E1", now=LATER)
    report = reports.draft_report(session, "E1", now=LATER).report_id
    reports.release_report(session, report, by=manager.id or 0, now=LATER)
    who = manager.id or 0
    files: dict[str, bytes] = {}
    started = time.process_time()
    whole = report_paper(session, report, person_id=who, now=LATER)
    print(f"the managers' report, its numbers      {time.process_time() - started:7.2f} s")
    started = time.process_time()
    files["report.pdf"] = as_pdf(whole.paper, "zh-Hans").pdf
    print(
        f"the managers' report as PDF            {time.process_time() - started:7.2f} s  {len(files['report.pdf']) / 1e6:.2f} MB"
    )
    started = time.process_time()
    files["report.xlsx"] = as_workbook(whole.paper, "zh-Hans")
    print(
        f"the managers' report as workbook       {time.process_time() - started:7.2f} s  {len(files['report.xlsx']) / 1e6:.2f} MB"
    )
    started = time.process_time()
    files["audit.zip"] = audit_file(session, report, person_id=who).content
    print(
        f"every row behind it                    {time.process_time() - started:7.2f} s  {len(files['audit.zip']) / 1e6:.2f} MB"
    )
    started = time.process_time()
    for hub_id, person in people.items():
        own = hub_paper(session, report, hub_id, person_id=person.id or 0, now=LATER)
        files[f"{own.file_name}.pdf"] = as_pdf(own.paper, "zh-Hans").pdf
    spent = time.process_time() - started
    print(f"{len(people)} hubs' own reports as PDF           {spent:7.2f} s  target 180 s")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (keep / name).write_bytes(content)
    print(f"hubs in the database: {len(session.exec(select(Hub.id)).all())}")


if __name__ == "__main__":
    main()
