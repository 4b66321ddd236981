"""The check's browser sends what a page's form has, and reads what a person would see."""

from comptoir.demo.browser import Form, _page

PAGE = b"""<title>Not said</title><p>Two <b>words</b></p><script>no()</script>
<a href="/c/1/invoices/">All <i>invoices</i></a>
<form method="post" action="add/"><input type="hidden" name="csrf" value="t">
<input name="email" value="a@b.example"><input type="file" name="export">
<input type="radio" name="way" value="card"><input type="radio" name="way" value="check" checked>
<input type="checkbox" name="invoice" value="7"><input type="date" name="day">
<input type="checkbox" name="agreed" checked>
<select name="kind"><option value="x">X<option value="y" selected>Y</select>
<textarea name="note">as it was</textarea><button name="go" value="1">Go</button></form>"""


def test_a_form_is_sent_as_the_page_has_it() -> None:
    page = _page(url="http://localhost/here/", status=200, body=PAGE, media_type="text/html")

    form = page.form("export", "way")

    assert form == Form(
        action="add/",
        method="post",
        fields={
            "csrf": ["t"],
            "email": ["a@b.example"],
            "way": ["check"],
            "day": [""],
            "agreed": ["on"],
            "kind": ["y"],
            "note": ["as it was"],
        },
        offered={
            "csrf": ["t"],
            "email": ["a@b.example"],
            "export": [""],
            "way": ["card", "check"],
            "invoice": ["7"],
            "day": [""],
            "agreed": [""],
            "kind": ["x", "y"],
            "note": [""],
            "go": ["1"],
        },
    )
    assert page.form("nothing") is None


def test_words_and_links_are_read_as_a_person_sees_them() -> None:
    page = _page(url="http://localhost/here/", status=200, body=PAGE, media_type="text/html")

    assert page.text.startswith("Two words All invoices")
    assert page.links == (("http://localhost/c/1/invoices/", "All invoices"),)
    assert page.link(lambda text: "invoices" in text) == "http://localhost/c/1/invoices/"
