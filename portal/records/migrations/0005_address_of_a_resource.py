"""Keep the address that a document gave a resource: others in it refer to it so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0004_gaps_of_an_origin"),
    ]

    operations = [
        migrations.AddField(
            model_name="resource",
            name="full_url",
            field=models.CharField(blank=True, max_length=500, default=""),
            preserve_default=False,
        ),
    ]
