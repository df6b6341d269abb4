"""The record types, one file each. To add one: write its file, add its line."""

from sync.types import care_plan, chronic_register, contract, home_visit, household, hypertension_visit, resident
from sync.types.catalogue import Catalogue

TYPES = (
    resident.TYPE,
    household.TYPE,
    chronic_register.TYPE,
    hypertension_visit.TYPE,
    care_plan.TYPE,
    home_visit.TYPE,
    contract.TYPE,
)
CATALOGUE = Catalogue(TYPES)
