"""What people read when they check in, or cannot."""

from __future__ import annotations

from config.text import Text

DONE = Text(zh="签到好了，谢谢你来！", en="You are checked in. Thank you for coming!")
ALREADY = Text(zh="你已经签过到了。", en="You are already checked in.")
WRONG_CODE = Text(
    zh="这6位数字不对，看看现场写的是什么。",
    en="These six digits are not right; look at what is shown there.",
)
LOCKED = Text(
    zh="输错太多次了，{minutes}分钟后再试，或者找社工。",
    en="Too many wrong codes: try again in {minutes} minutes, or ask the social worker.",
)
NOT_FOUND = Text(
    zh="这个邮箱没有报这一场。看看有没有打错；人已经到了，就找社工。",
    en="Nobody with this address is expected here. Check the spelling; if you are here, ask the social worker.",
)
WHICH = Text(
    zh="这个邮箱报了不止一个人，再写上你的名字。", en="Several people gave this address: enter your name too."
)
CANCELLED = Text(
    zh="这场活动取消了，不用签到。", en="This activity is cancelled; there is nothing to check in to."
)
OVER = Text(
    zh="活动结束了，签到也结束了。来过的话，社工会给你记上。",
    en="It is over, and so is checking in. If you were there, the social worker will record it.",
)
EARLY = Text(zh="{when}起可以签到。", en="Checking in opens on {when}.")
