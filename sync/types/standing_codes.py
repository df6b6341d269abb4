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
    - uncountable 无法计算 Cannot be counted
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
    - conflict_open 冲突待处理 In conflict
    """,
)
OBLIGATION = _codes(
    "obligation_state",
    """
    - done 已完成 Done
    - upheld 申诉成立 Appeal upheld
    - waived 已豁免 Waived
    - missed 未完成 Missed
    - open 进行中 Open
    - to_come 未开始 To come
    """,
)
WORK_COUNTS = _codes(
    "work_counts",
    """
    - followup 随访 Follow-up
    - item 签约服务项目 Service of the contract
    - waived 免予履约 Waiver of a service
    - home_visit 入户服务人次 Home visit, person-time
    - health_exam 年度体检 Examination of the year
    - elder_selfcare 老年人自理评估 Self-care of an elder
    - care_plan 执行中的方案 Plan that is carried out
    - plan_review 方案复评 Review of the plan
    - contract 签约 Contract
    - renewal 续签 Renewal
    - register 建卡 Register
    - referral 转诊 Referral
    - long_prescription 长处方 Long prescription
    - consent 知情同意 Consent
    - smd_profile 严重精神障碍患者个人信息 Supplementary profile
    """,
)
WORK_REASON = _codes(
    "work_reason",
    """
    - void 已作废 Entered in error
    - conflict_open 冲突待处理 In conflict, to be decided
    - not_met 未见到本人 The person was not met
    - by_phone 须面对面，电话不计 Has to be face to face
    - to_come 日期未到 Of a day to come
    - no_day 无日期 No day that can be read
    - no_evidence 佐证不全 Evidence incomplete
    - duplicate 同日重复 Twice on one day
    - earlier_course 属于以前的疗程 Of an earlier course
    - closed 已结案 Closed before
    - same_person 计入同一人的另一份档案 Counts under the other record of this person
    - no_resident 无个人档案 The person's own record is not held
    - nothing_owed 不在应服务范围 Nothing of the kind is owed
    - already_done 本期已完成 Already given in this span
    - no_register 无管理卡 No register
    - no_contract 查无协议 No such contract
    - not_in_term 不在协议期内 Not within the term
    - not_in_force 未生效 Not in force
    - no_record 无记录 Nothing was recorded
    - too_late 超过期限 After the last day
    - appeal_refused 申诉不成立 Appeal refused
    - not_received 未上传，等待信号 Not received, waiting for a signal
    - set_aside 已搁置，待人工处理 Set aside for a person
    - after_cutoff 冻结后收到，未计入当月报表，待更正 Received after the report was frozen; counts only by a correction
    - late 补录超期 Written too late
    - not_followed 未按期随访 Nobody asked after the person in time
    - not_renewed 未续签 Not renewed
    - not_completed 未完成疗程 Course not completed
    - irregular 不规则服药 Medicines not taken regularly
    - died 死亡 Died
    - moved_out 迁出 Moved out
    """,
)
EVENT = _codes(
    "event",
    """
    - home_visit 入户服务人次 Home visit, person-time
    - urgent_followed 两周内随访 Followed up within two weeks
    - tb_72h 72小时内首次入户 First visit within 72 hours
    - referral_closed 转诊后两周内随访 Referral asked after within 14 days
    - contract_ended 协议到期后续签 Contract that ended, renewed
    - course_ended 疗程结束，规则服药 Course that ended, medicines taken regularly
    - recorded 按时录入 Recorded in time
    - evidenced 佐证完整 Evidence complete
    """,
)
STANDING_CODES = (URGENCY, STATUS, DUE, DUE_REASON, LACKING, OBLIGATION, WORK_COUNTS, WORK_REASON, EVENT)
