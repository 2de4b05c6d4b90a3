"""What this room says to people: why something was not kept, and what is not there."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: Final[dict[str, Promise]] = {
    "AllergyIntolerance": _("Allergy"),
    "CarePlan": _("Care plan"),
    "Condition": _("Health problem"),
    "DiagnosticReport": _("Test report"),
    "DocumentReference": _("Document"),
    "Encounter": _("Visit"),
    "FamilyMemberHistory": _("Family history"),
    "GenomicStudy": _("How a genetic test was done"),
    "Immunization": _("Vaccine"),
    "Location": _("Place"),
    "Medication": _("Medicine"),
    "MedicationRequest": _("Prescription"),
    "MedicationStatement": _("Medicine you take"),
    "MolecularSequence": _("Gene sequence"),
    "Observation": _("Test result"),
    "OperationOutcome": _("Remark of the sender"),
    "Organization": _("Lab or clinic"),
    "Patient": _("Who you are"),
    "Practitioner": _("Doctor or other staff"),
    "PractitionerRole": _("Doctor or other staff"),
    "Procedure": _("Procedure"),
    "Provenance": _("Who wrote what"),
    "RelatedPerson": _("Person close to you"),
    "RiskAssessment": _("Risk estimate"),
    "ServiceRequest": _("Test that was ordered"),
    "Specimen": _("Sample"),
    "Task": _("Follow-up that was advised"),
}
OTHER_KIND: Final = _("Another part of your record")
REASONS: Final[dict[str, Promise]] = {
    "too-big": _("It is bigger than we can keep."),
    "too-deep": _("It is built in a way that cannot be read safely."),
    "not-json": _("It is broken and cannot be read."),
    "no-object": _("It is empty, or not a record at all."),
    "forbidden-character": _("It has a character in it that a record may not have."),
    "no-type": _("It does not say what kind of record it is."),
    "bad-id": _("Its number is not one that a record can have."),
    "remark": _("It is a remark by the sender, not a part of your record."),
    "file-refused": _("It is a file that the sender names but did not give us."),
    "page-not-json": _("A whole page was broken and could not be read."),
    "page-too-deep": _("A whole page could not be read safely."),
    "page-too-many-entries": _("A whole page was bigger than we can take."),
    "empty": _("The file is empty."),
    "other-person": _("You said that it is about somebody else, so we did not read it."),
    "several-people": _(
        "It speaks of several people in a way that we cannot keep apart. Ask for a file about you."
    ),
    "not-a-vcf": _("It is not a variant file (VCF), whatever its name says."),
    "vcf-version": _("It is a version of VCF that we do not read. Ask for VCF 4.1 to 4.4."),
    "bad-header": _("The head of the file is broken, so that no line can be trusted."),
    "cut-short": _("The file ends in the middle. It was not copied whole."),
    "no-genotypes": _("Not one line of the file is a result."),
    "raw-layout": _(
        "It is a report of a DNA array with columns that we do not read. Ask for the columns "
        "SNP Name, Sample ID, Allele1 - Plus and Allele2 - Plus."
    ),
    "build-contradiction": _("The file and the genome version you chose do not fit together."),
    "gave-up": _("Reading it took too long or too much, so we stopped."),
    "line-two-answers": _("The file gives this place twice, with different letters."),
    "line-chrom": _("The chromosome on this line cannot be read."),
    "line-pos": _("The place on this line cannot be read, or lies beyond the chromosome."),
    "line-ref": _("The usual letters on this line cannot be read."),
    "line-alt": _("The changed letters on this line cannot be read."),
    "line-id": _("The name on this line cannot be read."),
    "line-qual": _("The quality on this line cannot be read."),
    "line-filter": _("The filter on this line cannot be read."),
    "line-info": _("The details on this line cannot be read."),
    "line-format": _("The line does not say in order what it holds."),
    "line-sample": _("The line has no value for this person."),
    "line-genotype": _("The result on this line cannot be read."),
    "line-columns": _("This line has more or fewer columns than the file says."),
    "line-repeat": _("An earlier line says the same."),
    "line-not-utf-8": _("This line is not text."),
    "line-header-line": _("This line of the head of the file is broken."),
    "line-letters": _("The letters on this line are not those of DNA."),
    "line-place": _("The place on this line cannot be read."),
    "line-name": _("The name on this line cannot be read."),
    "line-document": _("The document inside the file is broken."),
    "line-bed": _("The region on this line cannot be read."),
    "line-other-subject": _("It names a person that the file does not describe."),
    "line-no-variant": _("It describes no change."),
    "line-parts-not-read": _("Other parts of the file are kept with it. We do not read them."),
    "line-not-a-result": _("The laboratory itself does not call it a result."),
    "someone-else": _("It names another person, so we keep it shut away. Nobody can open it here."),
}
CANNOT_TAKE: Final[dict[str, Promise]] = {
    "too-big": _("This file is bigger than 64 MB. Ask the lab for a smaller one."),
    "empty": _("This file is empty."),
    "bam": _("This is a file of raw reads. Ask the lab for the results as a VCF file."),
    "cram": _("This is a file of raw reads. Ask the lab for the results as a VCF file."),
    "sam": _("This is a file of raw reads. Ask the lab for the results as a VCF file."),
    "fastq": _("This is a file of raw reads. Ask the lab for the results as a VCF file."),
    "bcf": _("This kind of file is not read here. Ask for the same results as a VCF file."),
    "index": _("This file only helps programs to find places in another. Add the other file."),
    "zip": _(
        "We can take a packed file only when one file is inside, or a VCF and the BED files of the "
        "same test. Unpack it, and add each."
    ),
    "compressed": _("This file is packed. Unpack it and add the file that is inside."),
    "picture": _("This is a picture. We cannot read results from a picture."),
    "web-page": _("This is a web page. Try to get the file itself from the lab once more."),
    "cda": _("This document is in XML. Ask the lab for FHIR, VCF or a PDF."),
}
NOT_OURS: Final = _("We do not know this kind of file. Ask the lab for FHIR, VCF or a PDF.")
OTHER: Final = _("It could not be kept.")


def kind_of(resource_type: str) -> str:
    """Return what kind of record a FHIR type is, as a person would say it."""
    return str(KINDS.get(resource_type, OTHER_KIND))


def reason(code: str) -> str:
    """Return why something was not kept, in a sentence."""
    return str(REASONS.get(code, OTHER))


def cannot_take(code: str) -> str:
    """Return why a file is not taken in, and what to do."""
    return str(CANNOT_TAKE.get(code, NOT_OURS))
