FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=clinic.settings
WORKDIR /srv/vigil

# the packages first, so that a change of our own code does not install them again
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin vigil \
    # a new volume that is mounted here takes its owner over
    && install --directory --owner vigil --mode 0700 /var/lib/vigil/exports

COPY manage.py pyproject.toml ./
COPY clinic clinic
COPY sessions sessions
COPY vitals vitals
COPY reports reports
COPY screens screens

# owned by root and only read by the user that runs it
USER vigil
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "clinic.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--timeout-graceful-shutdown", "5", "--no-server-header", "--no-access-log"]
