"""The statements over the stage of events, for whichever kind. ``{table}``, ``{columns}`` and the like are filled with
names of the code's own models, and with the operator that two columns differ by, where either may be empty.

``kpis_event_stage`` holds the file's rows, ``kpis_event_change`` those that are new or differ, both temporary: ``e`` is
a row as it is stored, ``r`` what it names, ``s`` a row of the file, ``c`` a row as it becomes. What works on one
database works on the other.
"""

REPEATED = """
    WITH d AS (
        SELECT id, min(line) AS line FROM kpis_event_stage GROUP BY id HAVING count(*) > 1
    )
    SELECT s.line, s.id, d.line, {differs}
    FROM d JOIN kpis_event_stage f ON f.line = d.line
    JOIN kpis_event_stage s ON s.id = d.id AND s.line > d.line ORDER BY s.line"""

DROP_CHANGES = "DROP TABLE IF EXISTS kpis_event_change"
CREATE_CHANGES = """
    CREATE TEMPORARY TABLE kpis_event_change AS
    SELECT s.line, s.id AS external_id, e.id AS event_id, {values}
    FROM kpis_event_stage s
    LEFT JOIN {named} r ON r.external_id = s.{name}{among}
    LEFT JOIN {table} e ON e.external_id = s.id
    WHERE e.id IS NULL OR r.id IS NULL OR {differs}"""
ANALYZE_CHANGES = "ANALYZE kpis_event_change"
TAKE_ONCE = """
    DELETE FROM kpis_event_change WHERE line NOT IN (SELECT min(line) FROM kpis_event_stage GROUP BY id)"""
UNKNOWN = """
    SELECT s.line, s.{name} FROM kpis_event_change c JOIN kpis_event_stage s ON s.line = c.line
    WHERE c.{reference} IS NULL ORDER BY s.line"""
LOOKING_ALIKE = "SELECT external_id FROM {named} WHERE lower(external_id) IN ({places})"
COUNTED = "SELECT count(*) - count(event_id), count(event_id) FROM kpis_event_change"
BROKEN = 'SELECT c.line, c."{column}" FROM kpis_event_change c WHERE c.{reference} IS NOT NULL AND {rule} ORDER BY 1'
BY_MONTH = """
    SELECT {month}, count(*) - count(c.event_id), count(c.event_id) FROM kpis_event_change c GROUP BY 1 ORDER BY 1"""

# of what is stored: parameters are the load
KEEP_REPLACED = """
    INSERT INTO kpis_replacedevent (load_id, event_id, replaced_load_id, external_id, {columns})
    SELECT %s, e.id, e.load_id, e.external_id, {stored} FROM {table} e WHERE {among}"""
CHANGE_OLD = """
    UPDATE {table} AS e SET load_id = %s, {assigned} FROM kpis_event_change c WHERE e.id = c.event_id"""
ADD_NEW = """
    INSERT INTO {table} (external_id, load_id, {columns})
    SELECT c.external_id, %s, {changed} FROM kpis_event_change c WHERE c.event_id IS NULL"""
CHANGED = "e.id IN (SELECT event_id FROM kpis_event_change WHERE event_id IS NOT NULL)"
WRITTEN = "e.external_id IN (SELECT external_id FROM kpis_event_change)"

# taking back: ``p`` is what a load replaced
REPLACED = "e.id IN (SELECT p.event_id FROM kpis_replacedevent p WHERE p.load_id = %s)"
CREATED = f"e.load_id = %s AND NOT {REPLACED}"
DELETE_EVENTS = "DELETE FROM {table} AS e WHERE {among}"
RETURN_REPLACED = """
    UPDATE {table} AS e SET load_id = p.replaced_load_id, {assigned} FROM kpis_replacedevent p
    WHERE p.load_id = %s AND e.id = p.event_id"""
PUT_BACK = """
    INSERT INTO {table} (id, external_id, load_id, {columns})
    SELECT p.event_id, p.external_id, p.replaced_load_id, {kept} FROM kpis_replacedevent p WHERE p.load_id = %s"""
GIVEN_AGAIN = """
    SELECT e.external_id FROM kpis_replacedevent p JOIN {table} e ON e.external_id = p.external_id
    WHERE p.load_id = %s ORDER BY 1 LIMIT 6"""
# what a kept row names and is there no more; a customer that was merged away is named by the other's id
NAMES_NOTHING = """
    SELECT p.external_id FROM kpis_replacedevent p LEFT JOIN {named} r ON r.id = p.{reference}{among}
    WHERE p.load_id = %s AND r.id IS NULL ORDER BY 1 LIMIT 6"""
CONTACTS_OF_CREATED = """
    SELECT k.external_id FROM kpis_contact k JOIN kpis_issue e ON e.id = k.issue_id
    WHERE {created} ORDER BY 1 LIMIT 6"""
CONTACTS_BEFORE_ISSUES = """
    SELECT c.external_id FROM kpis_contact c WHERE c.{key} IN (
        SELECT p.event_id FROM kpis_replacedevent p WHERE p.load_id = %s) AND {rule} ORDER BY 1 LIMIT 6"""
DAYS_OF_KEPT = 'SELECT min(p."{day}") FROM kpis_replacedevent p WHERE p.load_id = %s'

TOLD_APART = """
    SELECT e.external_id, 1, {stored} FROM {table} e WHERE e.load_id = %s
    UNION ALL
    SELECT p.external_id, 0, {kept} FROM kpis_replacedevent p WHERE p.load_id = %s
    ORDER BY 1, 2"""
