"""Rows of an export's tables as FHIR R4 resources: one module per kind of resource. Pure.

``session.resources`` tells everything of one session, ``patient.resources`` of one patient; both take rows as
``Taken.rows`` gives them, by column name, and leave out what a limited export has left out.
"""
