import time
from pathlib import Path

from reports.session_report import report_of
from reports.session_report_pdf import session_report_pdf
from sessions import queries as treatments
from tests import form_stage


def test_look(cast, morning):
    form_stage.complete_data(cast)
    s = form_stage.released(cast, morning)
    s = treatments.session(cast.clinic.pk, s.id)
    r = report_of(s)
    out = session_report_pdf(r)
    Path("/tmp/nasal.pdf").write_bytes(out)
    assert out == session_report_pdf(report_of(s))
    t = time.perf_counter()
    for _ in range(10):
        report_of(s)
    print("gather ms", (time.perf_counter() - t) * 100)
    t = time.perf_counter()
    for _ in range(10):
        session_report_pdf(r)
    print("pdf ms", (time.perf_counter() - t) * 100)
