"""What an issue of a record means and what to do about it, by its code. It asks to look again, and never accuses."""

from __future__ import annotations

from collections.abc import Mapping

Words = tuple[str, str]  # Chinese, English

OTHER_ISSUE: Words = ("请核对（{}）", "please check ({})")
ISSUES: Mapping[str, Words] = {
    # nothing there, or nothing that can be read
    "required": ("未填写，请补填", "not filled in: please complete it"),
    "null": ("内容为空，请补填或删除", "empty: please fill it in or take it out"),
    "not_an_object": ("无法读取，请重新填写本节", "cannot be read: please fill in the section again"),
    "not_a_whole_number": ("不是整数，请重新填写", "not a whole number: please enter it again"),
    "not_a_decimal": ("不是数字，请重新填写", "not a number: please enter it again"),
    "not_text": ("不是文字，请重新填写", "not text: please enter it again"),
    "not_a_list": ("无法读取，请重新填写", "cannot be read: please enter it again"),
    "not_a_date": ("不是日期，请重新填写", "not a day: please enter it again"),
    "not_an_instant": ("不是时间，请重新填写", "not a time: please enter it again"),
    "not_yes_or_no": ("不是“是/否”，请重新选择", "neither yes nor no: please choose again"),
    "not_a_reference": ("没有选定对象，请重新选择", "names nobody and nothing: please choose again"),
    "too_long": ("文字过长，请缩短", "too long: please shorten it"),
    "wrong_form": ("格式不符，请核对", "not of the form: please check"),
    "unknown_code": ("选项不在代码表中，请重新选择", "not among the codes: please choose again"),
    "unknown_key": ("类别不在代码表中，请核对", "not among the kinds: please check"),
    "twice": ("重复选择，请核对", "chosen twice: please check"),
    "excludes_others": ("“无”不能与其他选项同选，请核对", "“none” cannot stand beside others: please check"),
    # what is there cannot be, or is unusual
    "out_of_range": ("超出可能范围，请核对后更正", "cannot be: please check and correct"),
    "unusual": ("数值少见，请核对", "unusual: please check"),
    "in_future": ("日期在未来，请更正", "a day that has not come: please correct"),
    "not_below": ("应低于另一项，请核对两项数值", "should be below the other value: please check both"),
    "not_after": ("早于应在其前的日期，请核对", "before a day that it should follow: please check"),
    "late": ("间隔过长，请核对或提前安排", "later than it should be: please check, or arrange it sooner"),
    "short": ("期限不足，请核对", "shorter than it should be: please check"),
    "disagrees": ("与其他栏目不一致，请核对", "disagrees with another field: please check"),
    "not_the_sum": ("与各分项之和不符，请核对", "not the sum of its parts: please check"),
    "not_the_count": ("与清单条数不符，请核对", "not the number of entries: please check"),
    "over_limit": ("超过规定上限，请核对或写明原因", "over the limit: please check, or give the reason"),
    # of identity numbers, GB 11643
    "length": ("证件号码位数不对，请核对", "a number of another length: please check"),
    "characters": ("证件号码含有不应有的字符，请核对", "signs that do not belong into it: please check"),
    "check_digit": ("证件号码校验位不符，请核对", "its check digit does not fit: please check"),
    "birth_date": ("证件号码中的出生日期不成立，请核对", "the date of birth in it cannot be: please check"),
    # what two persons did apart, and who may decide
    "void-clash": (
        "一人作废、另一人同时修改，请负责人在冲突页决定",
        "one person voided it while another changed it: to be decided on the page of conflicts",
    ),
    "review": ("两人分别修改了本表，请复核合并结果", "two persons changed it apart: please review what came together"),
    "undecided": (
        "此处填写的处理结果无效：须由有权处理的人在后台作出",
        "what is written here decides nothing: it is decided at the desk, by whose duty it is",
    ),
    "lives_elsewhere": (
        "所并入的人现住外村：暂不合并，各自统计；请核对住址或撤销合并",
        "who this is the same person as lives in another village: until one has moved both count; please check the address or undo",
    ),
    "protected": ("含受保护项目内容，不应写在此处，请移至专项记录", "of a protected programme, not for this place: please record it there"),
}  # fmt: skip
