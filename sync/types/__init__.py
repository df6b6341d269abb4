"""The record types, one file each. To add one: write its file, add its line."""

from sync.types import (
    care_plan,
    chronic_register,
    consent,
    contract,
    diabetes_visit,
    elder_selfcare,
    health_exam,
    home_visit,
    household,
    hypertension_visit,
    long_prescription,
    performance,
    referral,
    resident,
    same_person,
    service_package,
    smd_profile,
    smd_visit,
    tb_first_visit,
    tb_visit,
)
from sync.types.catalogue import Catalogue
from sync.types.standing_codes import STANDING_CODES

TYPES = (
    resident.TYPE,
    household.TYPE,
    same_person.TYPE,
    chronic_register.TYPE,
    hypertension_visit.TYPE,
    diabetes_visit.TYPE,
    tb_first_visit.TYPE,
    tb_visit.TYPE,
    smd_profile.TYPE,
    smd_visit.TYPE,
    care_plan.TYPE,
    elder_selfcare.TYPE,
    health_exam.TYPE,
    home_visit.TYPE,
    referral.TYPE,
    long_prescription.TYPE,
    service_package.TYPE,
    contract.TYPE,
    performance.TYPE,
    consent.TYPE,
)
CATALOGUE = Catalogue(TYPES, STANDING_CODES)
