"""What a patient is told on paper when leaving. Pure rows.

Sources: no driving until tomorrow after sleep: the proposed items of readiness to leave (clinical facts,
sections 1.7 and 2.5). What to call about follows the risks that the professional guide names: dissociation,
sedation, raised pressure; and thoughts of suicide. The wording is an example, reviewed by nobody yet.
"""

NOT_UNTIL_TOMORROW = (
    "Do not drive, ride a bicycle or work with machines until tomorrow, after a night’s restful sleep.",
    "Do not drink alcohol today.",
    "Do not sign or decide anything important today.",
    "Let the person who came for you bring you home.",
)

CALL_THE_CLINIC = (
    "Feeling far away from yourself, confused, or very sleepy, when it had passed before you left",
    "Vomiting that does not stop",
    "A headache that does not pass",
    "Anything else that worries you",
)

CALL_EMERGENCY = (
    "Chest pain, or trouble breathing",
    "Sudden severe headache, trouble seeing or speaking, weakness on one side, or a seizure",
    "Fainting, or somebody who cannot wake you",
    "Thoughts of killing or harming yourself",
)
