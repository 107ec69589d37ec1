"""Article ids are stable for ever: statistics, links and trained models use them."""

from pathlib import Path

CONTENT = Path(__file__).parents[2] / "content"

ARTICLES = """
regularization/irregular-what-can-i-do regularization/cpp regularization/cpp-apply
regularization/cpp-expiring regularization/special-resident regularization/carne-extranjeria
regularization/ce-renewal regularization/ce-lost regularization/migratory-statuses
regularization/humanitarian regularization/family regularization/mercosur
regularization/vulnerability-protection regularization/entered-irregularly
regularization/overstay-fine regularization/expired-passport regularization/children
regularization/refugee regularization/leave-and-return regularization/expulsion
regularization/nationality regularization/update-data regularization/fees-and-payment
regularization/appointment regularization/scams
documents/marry documents/birth-registration documents/driving-licence documents/bank-account
documents/ruc-tax
health/access-without-ce health/emergency health/sis-enroll health/pregnancy health/children
health/birth health/vaccination health/hiv-tb health/mental-health health/essalud
health/denied-care health/costs health/sexual-health health/disability
work/rights work/can-i-work work/contract work/independent work/domestic-workers work/child-labour
work/forced-labour
education/school-enrolment education/certificate-recognition education/university-degree
education/denied-enrolment
housing/rent housing/eviction-threat housing/shelter
complaints/report-without-ce complaints/how-to-report complaints/online complaints/police-refuse
complaints/fear-of-deportation complaints/gender-violence complaints/sexual-violence
complaints/trafficking complaints/child-abuse complaints/theft complaints/scam complaints/labor
complaints/discrimination complaints/consumer complaints/police-abuse
complaints/migraciones-complaint complaints/free-legal-aid complaints/follow-up
complaints/threats-extortion
rights/overview rights/duties rights/children rights/lgbti rights/identity-check rights/privacy
host/myths host/how-to-help host/police-officers host/health-staff host/school-staff host/employer
host/landlord host/municipality host/coexistence
services/emergency-numbers services/uim services/migraciones-contact services/consulates
services/humanitarian-aid
"""

INTENTS = """
greet thanks goodbye menu change_language human_agent nearest_office guided_path delete_my_data
affirm deny not_helpful bot_challenge abuse out_of_scope
"""


def test_the_first_articles_are_all_there() -> None:
    """Staff may add articles; none of these may vanish or change its id."""
    folders = {
        f"{path.parent.parent.name}/{path.parent.name}"
        for path in CONTENT.glob("articles/*/*/article.yml")
    }
    assert len(ARTICLES.split()) == 97
    assert set(ARTICLES.split()) - folders == set()


def test_the_first_intents_are_all_there() -> None:
    """What people say besides asking."""
    names = {path.stem for path in CONTENT.glob("intents/*.yml")}
    assert set(INTENTS.split()) - names == set()
