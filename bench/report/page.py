# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""Headings, paragraphs, lists, tables and pictures enter, in order; the same page leaves as Markdown and as HTML."""
import html
import re

STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0;font-size:13px;display:block;overflow-x:auto}td,th{padding:.2em .6em;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left;white-space:nowrap}img{max-width:100%}code{background:#f4f4f4;padding:0 .2em}"""


class Page:
    def __init__(self, title):
        self.title = title
        self.blocks = []

    def heading(self, text, level=2):
        self.blocks.append(("heading", level, text))

    def paragraph(self, text):
        self.blocks.append(("paragraph", text))

    def items(self, texts):
        self.blocks.append(("items", list(texts)))

    def table(self, head, rows):
        self.blocks.append(("table", list(head), [list(row) for row in rows]))

    def picture(self, file, text):
        self.blocks.append(("picture", file, text))

    def markdown(self, pictures=True):
        out = [f"# {self.title}"]
        for kind, *content in self.blocks:
            if kind == "heading":
                out.append(f"{'#' * content[0]} {content[1]}")
            elif kind == "paragraph":
                out.append(content[0])
            elif kind == "items":
                out.append("\n".join(f"- {text}" for text in content[0]))
            elif kind == "table":
                head, rows = content
                lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
                lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
                out.append("\n".join(lines))
            elif pictures:
                out.append(f"![{content[1]}]({content[0]})")
        return "\n\n".join(out) + "\n"

    def html(self):
        def inline(text):
            text = html.escape(str(text))
            text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
            return re.sub(r"`(.+?)`", r"<code>\1</code>", text)

        out = [f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(self.title)}</title><style>{STYLE}</style><h1>{html.escape(self.title)}</h1>"]
        for kind, *content in self.blocks:
            if kind == "heading":
                out.append(f"<h{content[0]}>{inline(content[1])}</h{content[0]}>")
            elif kind == "paragraph":
                out.append(f"<p>{inline(content[0])}</p>")
            elif kind == "items":
                out.append("<ul>" + "".join(f"<li>{inline(text)}</li>" for text in content[0]) + "</ul>")
            elif kind == "table":
                head, rows = content
                out.append("<table><tr>" + "".join(f"<th>{inline(cell)}</th>" for cell in head) + "</tr>")
                out += ["<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in row) + "</tr>" for row in rows]
                out.append("</table>")
            else:
                out.append(f'<p><img src="{html.escape(content[0])}" alt="{html.escape(content[1])}"></p>')
        return "\n".join(out) + "\n"
