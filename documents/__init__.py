"""Floor 2, pure: from the bytes of an office's files to plain values, and back.

May use libraries for formats (calamine, openpyxl) and `config.text`; opens no file and knows no table
of the database. Start with `columns.py` (how a sheet is described) and `parsing.py` (how it is read);
`workbooks.py` writes templates and marks what is wrong; `typesetting.py` makes PDFs of the templates in `typst/`.
"""
