"""The words for what a standing says (sync/standing/): codes of this project, with both labels, for every list that shows them."""

from sync.types.codes import PROJECT, CodeList, code_list


def _codes(name: str, lines: str) -> CodeList:
    return code_list(name, lines, source=PROJECT)


URGENCY = _codes(
    "urgency",
    """
    - urgent 紧急 Urgent
    - overdue 已超期 Overdue
    - soon 近期应做 Due soon
    - later 未到期 Later
    """,
)
STATUS = _codes(
    "standing_status",
    """
    - active 在册 Active
    - closed 已结案 Closed
    - same_person 并入他人 Counts as somebody else
    - void 已作废 Entered in error
    - unknown 无个人档案 Own record not held
    """,
)
DUE = _codes(
    "due",
    """
    - service 签约服务 Service of the contract
    - contract_renewal 续签协议 Contract to be renewed
    - contract_settle 核对重复签约 Contracts to be settled
    - sign_contract 签约 Contract to be signed
    - open_register 建立管理卡 Register to be opened
    - prescription 长处方续方 Long prescription to be renewed
    - referral_followup 转诊随访 Referral to be followed up
    - plan_measure 落实帮扶措施 Measure of the plan
    - plan_review 方案复评 Plan to be reviewed
    - crisis 应急处置 Crisis to be dealt with
    - report 向上级报告 Report to the higher institution
    - confirm_lost 核实失访 Loss to be confirmed
    - close_record 核实死亡并结案 Death to be confirmed and the record closed
    - close_register 管理卡结案 Register to be closed
    """,
)
DUE_REASON = _codes(
    "due_reason",
    """
    - first_visit 建卡后首次随访 First visit after the register was opened
    - first_visit_72h 接到通知后72小时内首次入户 First visit within 72 hours of the notice
    - doctor 医生约定 As the doctor arranged
    - interval 按随访间隔 By the interval
    - in_person 需面对面随访 To be seen face to face
    - term_ends 协议到期 The term ends
    - two_in_force 同期有两份协议 Two contracts are in force
    - next_review 到复评日期 Day of the next review
    - new_disease 新增病种 A disease that the plan does not know
    - died 随访记录为死亡 A visit says that the person died
    - course_ended 疗程已结束 The course has ended
    - three_failed_contacts 连续三次未见到 Three contacts in a row failed
    """,
)
LACKING = _codes(
    "lacking",
    """
    - visits 随访次数不足 Too few visits
    - incomplete 随访表填写不全 A visit is not filled in
    - two_weeks 未按两周随访 Not followed up within two weeks
    - exam 本年度未体检 No examination this year
    - followup 无随访表 No follow-up form
    - lost 失访 Lost
    - closed 已结案 Closed
    """,
)
OBLIGATION = _codes(
    "obligation_state",
    """
    - done 已完成 Done
    - waived 已豁免 Waived
    - missed 未完成 Missed
    - open 进行中 Open
    - to_come 未开始 To come
    """,
)
STANDING_CODES = (URGENCY, STATUS, DUE, DUE_REASON, LACKING, OBLIGATION)
