from simulator.forms import Form, forms_of, links_of

PAGE = """<html><body><form class="lang"><button name="lang" value="en">English</button></form>
<a class="x" href="/hubs/XC-001?a=1&amp;b=2"><b>晨光里</b>
青年汇</a>
<form method="post" action="/s/token">
<input type="hidden" name="stamp" value="a&amp;b"><input name="name" value=""><input name="off" disabled value="x">
<input type="radio" name="q1" value="1"><input type="radio" name="q1" value="2" checked>
<select name="language"><option value="zh-Hans" selected>中文</option><option value="en">English</option></select>
<textarea name="note">as it
was</textarea><button name="answer" value="yes">我能来</button><button name="answer" value="no">来不了</button>
<button>送出</button></form></body></html>"""


def test_forms_are_read_with_what_they_send_and_what_may_be_chosen():
    language, form = forms_of(PAGE)
    assert language == Form("", {}, {"lang": ["en"]}, {"lang"})
    assert form == Form(
        action="/s/token",
        values={"stamp": "a&b", "name": "", "q1": "2", "language": "zh-Hans", "note": "as it\nwas"},
        choices={"q1": ["1", "2"], "language": ["zh-Hans", "en"], "answer": ["yes", "no"]},
        names={"name", "q1", "language", "note", "answer"},
    )


def test_links_are_read_with_their_words():
    assert links_of(PAGE) == [("/hubs/XC-001?a=1&b=2", "晨光里 青年汇")]
