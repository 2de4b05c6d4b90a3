"""Words about a germ, whose genes are not the person's: a virus, a bacterium, what it resists."""

import re

from portal.genomics.genes import HGNC

_GERMS = re.compile(
    r"vir(?:us|al)|\bHIV|\bHCV|\bHBV|\bHPV|\bCMV|\bEBV\b|\bHSV|\bVZV\b|\bRSV\b|\bHTLV|bacteri|fung"
    r"|parasit|plasmod|resistance gene|\bSARS[- ]|\bCoV-?2|covid|influenza|hepatitis [A-E]\b"
    r"|mycoplasm|chlamydi|neisseri|gonorrh|staphylococc|streptococc|enterococc|escherichia"
    r"|\bE\. ?coli|klebsiell|salmonell|shigell|helicobact|pylori|clostridi|difficile|candida\b"
    r"|aspergill|cryptococc|pneumocyst|toxoplasm|trichomon|borreli|bordetell|legionell|listeri"
    r"|treponem|tubercul|malaria|leishman|trypanosom|entamoeb|giardi|cryptosporid|carbapenemase"
    r"|beta-?lactamase|\bmec[AC]\b|\bvan[AB]\b|\bbla[A-Z]{2}|\bMRSA\b|\bESBL\b|rickettsi|bartonell"
    r"|campylobact|yersini|antibiotic|dengue|\bzika|\bmpox|microb|\bpathogens?\b",
    re.IGNORECASE,
)


def says_germs(said: str) -> bool:
    """Tell words about a germ."""
    return bool(_GERMS.search(said))


def names_a_human_gene(said: str) -> bool:
    """Tell words that name a gene of people too: one that decides how they answer a germ."""
    return any(word in HGNC for word in re.split(r"[^\w-]+", said))
