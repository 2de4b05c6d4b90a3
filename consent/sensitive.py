"""Which codes and words speak of the four sensitive matters. Tables of facts; PURE.

Too much is labelled rather than too little: a label only means that the person is asked by name.
"""

import re
from typing import Final

from consent.categories import Category

MENTAL = Category.MENTAL_HEALTH
SUBSTANCE = Category.SUBSTANCE_USE
SEXUAL = Category.SEXUAL_REPRODUCTIVE
HIV = Category.HIV

ICD_10: Final = frozenset(
    {
        "http://hl7.org/fhir/sid/icd-10-cm",
        "http://hl7.org/fhir/sid/icd-10",
        "urn:oid:2.16.840.1.113883.6.90",
        "urn:oid:2.16.840.1.113883.6.3",
    }
)
ICD_9: Final = frozenset(
    {"http://hl7.org/fhir/sid/icd-9-cm", "http://terminology.hl7.org/CodeSystem/icd9cm"}
)
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

# ICD-10 chapters and blocks, by prefix, longest first. F10-F19 stands before the rest of F.
_ICD_10_PREFIXES: Final = (
    (SUBSTANCE, re.compile(r"F1|K70|T40|O9931|O9932|Z714|Z715|Z716|Z720|Z8789?1|Z811|Z812|Z813")),
    (SUBSTANCE, re.compile(r"Z814|G621|I426|G312|K292|K852|K860|R780|Y90|Y91|X45|X65|Z79891|P044")),
    (MENTAL, re.compile(r"F0|F[2-9]|R45|T1491|X[67]|X8[0-4]|Z133|Z865|Z915|Z818|Z046|R4[46]|O993")),
    (HIV, re.compile(r"B2[0-4]|Z21|R75|O987|Z206|B9735|Z114|Z717")),
    (SEXUAL, re.compile(r"O|A5|A6[0-4]|N46|N5[23]|N7|N8|N9[0-8]|Z3|Z113|Z202|Z640|F52|F6[4-6]")),
    (SEXUAL, re.compile(r"R37|Z70|Z725|Z793|Z975|T742|T762|Z044|Z7981|Z87890|Q96|Q97|Q98|P0[0-4]")),
)
_ICD_9_PREFIXES: Final = (
    (SUBSTANCE, re.compile(r"29[12]|30[345]|V113|V1582|V654[12]")),
    (MENTAL, re.compile(r"29[0-9]|30[0-9]|31[0-9]|V11|V40|V6284|E95")),
    (HIV, re.compile(r"04[2-4]|V08|V016|79571")),
    (SEXUAL, re.compile(r"09[0-9]|606|60784|61[4-9]|62[0-9]|6[3-7]|V2[2-9]|V02[78]|V744|V745")),
)

_SNOMED_CODES: Final = {
    MENTAL: (
        "74732009 35489007 370143000 36923009 48694002 21897009 197480006 371631005 13746004 "
        "58214004 47505003 406506008 191736004 408856003 35919005 72366004 56882008 78004001 "
        "82313006 6471006 192080009 78667006 66344007 87512008 832007 310495003 401303003 "
        "69322001 68890003 44376007 17226007 20010003 5510009 73595000 55967005 225624000 "
        "75516001 183401008 171207006 715252007 454711000124102 228557008 304891004 228553007"
    ),
    SUBSTANCE: (
        "5602001 6525002 7200002 15167005 66590003 191816009 75544000 26416006 31956009 110483000 "
        "77176002 449868002 8517006 361055000 10939881000119105 85005007 160573003 365980008 "
        "56294008 266919005 428041000124106 428071000124103 1187604004 55043007 724713006 "
        "713107002 408941008 408947007 763302001 428211000124100 431260004 1148423001 86933000"
    ),
    HIV: (
        "86406008 62479008 165816005 91947003 40780007 91948008 402916007 5810003 19030005 "
        "171121004 31676001 315124004 79019005 111880001 697904001 359791000 860871003 860874006"
    ),
    SEXUAL: (
        "72892002 77386006 47200007 19169002 17369002 35999006 79586000 398254007 15938005 8098009 "
        "240589008 15628003 76272004 33839006 6738008 2904007 8619003 129103003 93461009 156072005 "
        "156073000 185087000 169553002 169560008 65200003 287664005 22523008 46706006 85116003 "
        "386637004 11466000 237001001 65588006 399208008 267024001 267064002 1156097009 860914002 "
        "225323000 706893006 95930005 370352001 16114001 162673000 302040002 714812005 176837006"
    ),
}

_LOINC_CODES: Final = {
    MENTAL: (
        "44249-1 44261-6 69737-5 70274-6 55758-7 89204-2 73832-8 44250-9 44255-8 71354-5 99046-5 "
        "93025-5 73831-0 89208-3 62337-1 63503-7"
    ),
    SUBSTANCE: (
        "72166-2 11367-0 63773-6 75626-2 72109-2 82667-7 82666-9 5640-8 5643-2 3397-7 3426-4 "
        "3879-4 18282-4 19659-2 8150-9 72110-0 75624-7 68518-0 68519-8 68520-6 11331-6 11343-1 "
        "67038-0 12308-3 14310-6 19141-1 19261-7 3349-8 3390-2 3377-9 16195-0 58381-5"
    ),
    HIV: (
        "7917-8 7918-6 29893-5 5221-7 5223-3 5222-5 20447-9 25836-8 21008-8 48345-3 56888-1 "
        "75622-1 80387-4 49580-4 30361-0 68961-2 31201-7 33866-5 35437-3 42768-2 43009-0 43010-8 "
        "45212-8 48346-1 53379-4 57975-5 58900-2 62469-2 69668-2 73905-2 73906-0 81641-3 83101-6 "
        "85037-0 86657-4 89365-1 89374-3 24467-3 32515-8 8123-2 54086-4 10351-5 24013-5 29541-0"
    ),
    SEXUAL: (
        "82810-3 11778-8 8665-6 2106-3 2118-8 21198-7 19080-1 80384-1 43305-2 43304-5 21613-5 "
        "24111-7 688-2 698-1 20507-0 22461-8 22462-6 31147-2 5292-8 11084-1 17723-8 24110-9 "
        "76690-7 86805-9 64132-4 57721-3 11996-6 11640-0 11977-6 49051-6 11884-4 11636-8 33717-0"
    ),
}

# RxNorm ingredients (name with its code where we know it); a product carries its ingredient's name.
_MEDICINE_WORDS: Final = {
    MENTAL: (
        "sertraline fluoxetine citalopram escitalopram paroxetine fluvoxamine venlafaxine "
        "desvenlafaxine duloxetine bupropion mirtazapine trazodone nefazodone vortioxetine "
        "vilazodone amitriptyline nortriptyline imipramine desipramine doxepin clomipramine "
        "protriptyline trimipramine phenelzine tranylcypromine lithium quetiapine olanzapine "
        "risperidone paliperidone aripiprazole brexpiprazole cariprazine ziprasidone lurasidone "
        "asenapine iloperidone clozapine haloperidol chlorpromazine fluphenazine perphenazine "
        "thioridazine thiothixene trifluoperazine pimozide lamotrigine alprazolam lorazepam "
        "clonazepam diazepam chlordiazepoxide oxazepam temazepam buspirone "
        "methylphenidate dexmethylphenidate amphetamine dextroamphetamine lisdexamfetamine "
        "atomoxetine viloxazine donepezil memantine rivastigmine esketamine "
        "valproate divalproex zolpidem pimavanserin lumateperone"
    ),
    SUBSTANCE: (
        "buprenorphine methadone naltrexone naloxone disulfiram acamprosate varenicline nicotine "
        "lofexidine nalmefene"
    ),
    HIV: (
        "abacavir emtricitabine tenofovir lamivudine zidovudine stavudine didanosine efavirenz "
        "rilpivirine etravirine nevirapine doravirine atazanavir darunavir ritonavir lopinavir "
        "fosamprenavir nelfinavir saquinavir indinavir tipranavir dolutegravir bictegravir "
        "raltegravir elvitegravir cabotegravir cobicistat maraviroc enfuvirtide ibalizumab "
        "fostemsavir lenacapavir"
    ),
    SEXUAL: (
        "levonorgestrel norethindrone norgestimate desogestrel drospirenone etonogestrel "
        "norelgestromin ulipristal medroxyprogesterone mifepristone misoprostol clomiphene "
        "follitropin menotropins choriogonadotropin ganirelix cetrorelix sildenafil "
        "tadalafil vardenafil avanafil estradiol ethinyl estrogens testosterone progesterone "
        "oxytocin methylergonovine dinoprostone prenatal flibanserin"
    ),
}
_RXNORM_INGREDIENTS: Final = {
    MENTAL: (
        "36437 4493 2556 321988 32937 42355 39786 734064 72625 42347 15996 10737 704 7531 5691 "
        "6448 51272 61381 35636 89013 2626 5093 596 6470 2598 3322 1827 6901 725 38400 135447"
    ),
    SUBSTANCE: "1819 6813 7243 7242 3554 82819 591622 7407",
    HIV: "190521 276237 117466 68244 11413 195085 1102270 1433868 719872 85762",
    SEXUAL: "6373 7514 214558 6691 6915 6916 136411 358263 4083 10379 8727",
}

_WORDS: Final = (
    (
        MENTAL,
        re.compile(
            r"depress|depres|anxi|ansiedad|bipolar|schizo|esquizo|psych(?!om)|psiqui|psico|suicid|"
            r"self.?harm|autis|adhd|attention.deficit|obsessi|obsesi|\bmental|\bp[aá]nic|"
            r"anorexia nerv|bulimi|mood|dementia|demencia|phq-?[29]|gad-?7|post.?traumatic|ptsd|"
            r"intellectual",
            re.IGNORECASE,
        ),
    ),
    (
        SUBSTANCE,
        re.compile(
            r"alcohol|opioid|opi[aá]ceo|heroin|cocain|cannabi|marijuana|amphetamine|addict|adicci|"
            r"substance|overdose|sobredosis|smok|tobacco|tabaco|\bfuma(?!r)|nicotin|drug "
            r"(use|abuse|dep|mis|scr)|misuses? drug|drogas|vaping|audit-c|detoxif",
            re.IGNORECASE,
        ),
    ),
    (
        HIV,
        re.compile(
            r"(?i:\bhiv\b|hiv[-\s]?[12]|\bvih\b|human immunodeficiency|inmunodeficiencia humana|"
            r"antiretrovir|acquired immun|pre-?exposure)|\b(AIDS|SIDA|PrEP)\b"
        ),
    ),
    (
        SEXUAL,
        re.compile(
            r"pregnan|embaraz|gestat|contracep|anticoncep|abortion|aborto|miscarriage|obstetri|"
            r"prenatal|antenatal|perinatal|ectopic|fetal|fetus|placent|childbirth|labor and|"
            r"infertil|in.?vitro|ivf\b|menopaus|endometri|erectile|sexual|gender|transsex|"
            r"gonor|chlamyd|clamidi|syphil|s[ií]filis|genital|herpes simplex|trichomon|papilloma|"
            r"\bhpv\b|\bsti\b|\bstd\b|vasectomy|tubal|sterili[sz]ation|choriogonadotropin|\bhcg\b",
            re.IGNORECASE,
        ),
    ),
)

# Sensitivity labels that a source may have put on a resource (DS4P). None: known, and no label.
_SECURITY: Final[dict[str, Category | None]] = {
    "PSY": MENTAL,
    "PSYTHPN": MENTAL,
    "MH": MENTAL,
    "BH": MENTAL,
    "COGN": MENTAL,
    "DVD": MENTAL,
    "EMOTDIS": MENTAL,
    "ETH": SUBSTANCE,
    "ETHUD": SUBSTANCE,
    "ALCOHOLUD": SUBSTANCE,
    "OPIOIDUD": SUBSTANCE,
    "SUD": SUBSTANCE,
    "SEX": SEXUAL,
    "STD": SEXUAL,
    "SDV": SEXUAL,
    "REPRODUCTIVE": SEXUAL,
    "HIV": HIV,
    "GDIS": None,
}


def _by_code(table: dict[Category, str]) -> dict[str, Category]:
    return {code: label for label, codes in table.items() for code in codes.split()}


_BY_SYSTEM: Final = {
    SNOMED: _by_code(_SNOMED_CODES),
    LOINC: _by_code(_LOINC_CODES),
    RXNORM: _by_code(_RXNORM_INGREDIENTS),
}
_MEDICINES: Final = _by_code(_MEDICINE_WORDS)
_LATIN_WORD: Final = re.compile(r"[a-z]{4,}")


def labels_of_code(system: str, code: str) -> frozenset[Category]:
    """Return the labels that a code carries by itself."""
    code = code.strip()
    if system in ICD_10:
        return _by_prefix(_ICD_10_PREFIXES, code)
    if system in ICD_9:
        return _by_prefix(_ICD_9_PREFIXES, code)
    found = _BY_SYSTEM.get(system, {}).get(code)
    return frozenset({found}) if found else frozenset()


def _by_prefix(
    table: tuple[tuple[Category, re.Pattern[str]], ...], code: str
) -> frozenset[Category]:
    plain = code.replace(".", "").upper()
    return frozenset(label for label, prefix in table if prefix.match(plain))


def is_complete(system: str) -> bool:
    """Say whether a code of this system tells by itself that it is not sensitive."""
    return system in ICD_10 or system in ICD_9


def labels_of_words(words: str) -> frozenset[Category]:
    """Return the labels that words in English or Spanish speak of."""
    return frozenset(label for label, pattern in _WORDS if pattern.search(words))


def labels_of_medicine(words: str) -> frozenset[Category]:
    """Return the labels that the name of a medicine gives away."""
    names = _LATIN_WORD.findall(words.lower())
    return frozenset(_MEDICINES[name] for name in names if name in _MEDICINES)


def label_of_security(system: str, code: str) -> tuple[bool, Category | None]:
    """Return whether we know what a security label asks for, and the sensitive label it means."""
    if system == CONFIDENTIALITY:
        return code in {"U", "L", "M", "N"}, None
    if system == ACT_CODE:
        return code in _SECURITY, _SECURITY.get(code)
    return True, None
