"""The statements over the stage. ``{differs}`` and the like are filled with other constants and whole numbers alone.

``kpis_fact_stage`` (``staging.FACTS``) holds the file's rows, ``kpis_fact_change`` those that are new or differ, both
temporary. What works on one database works on the other, but for how emptiness is compared.
"""

ANALYZE_FACTS = "ANALYZE kpis_fact"

UNKNOWN_CUSTOMERS = """
    SELECT s.line, s.customer FROM kpis_fact_stage s
    LEFT JOIN customers_customer c ON c.external_id = s.customer AND c.merged_into_id IS NULL
    WHERE c.id IS NULL ORDER BY s.line"""

FIRST_LINES = """
    SELECT month, min(line) FROM kpis_fact_stage WHERE numerator IS NOT NULL AND month IN ({months})
    GROUP BY month ORDER BY min(line)"""

FIRST_LINES_OF_SLICES = """
    SELECT kpi_id, month, min(line) FROM kpis_fact_stage WHERE numerator IS NOT NULL GROUP BY kpi_id, month"""

COUNTED = """
    SELECT kpi_id, month, count(*) FROM kpis_fact WHERE month IN ({months}) AND kpi_id IN ({kpis})
    GROUP BY kpi_id, month"""

REPEATED = """
    WITH d AS (
        SELECT kpi_id, month, customer, min(line) AS line FROM kpis_fact_stage WHERE numerator IS NOT NULL
        GROUP BY kpi_id, month, customer HAVING count(*) > 1
    )
    SELECT s.line, k.code, s.month, s.customer, d.line,
           s.numerator <> f.numerator OR s.denominator {differs} f.denominator
    FROM d
    JOIN kpis_fact_stage f ON f.line = d.line
    JOIN kpis_fact_stage s
        ON s.kpi_id = d.kpi_id AND s.month = d.month AND s.customer = d.customer AND s.line > d.line
    JOIN kpis_kpi k ON k.id = s.kpi_id
    WHERE s.numerator IS NOT NULL ORDER BY s.line"""

# {kpis}: ids of those whose facts need a denominator; {lacking}: a rule of facts; {months}: those of the stage, which
# say where facts must be looked for: by the join alone PostgreSQL would read all facts there are
MISSING_DENOMINATORS = """
    SELECT s.line FROM kpis_fact_stage s
    JOIN customers_customer c ON c.external_id = s.customer AND c.merged_into_id IS NULL
    LEFT JOIN kpis_fact f
        ON f.month = s.month AND f.kpi_id = s.kpi_id AND f.customer_id = c.id AND f.month IN ({months})
    WHERE s.kpi_id IN ({kpis}) AND {lacking} ORDER BY s.line"""

# added to an insertion that met a fact which stands in the file twice; before, it would take twice the time
ONCE = " ON CONFLICT DO NOTHING"

INSERT_NEW = """
    INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)
    SELECT s.month, s.kpi_id, c.id, s.numerator, s.denominator, %s
    FROM kpis_fact_stage s JOIN customers_customer c ON c.external_id = s.customer AND c.merged_into_id IS NULL
    WHERE s.numerator IS NOT NULL"""

# {denominator}: that of the stage, or where the file had no such column that of the fact.
# Rows of unknown customers are among them, so that they show without a join of their own. {place}: how the
# database itself addresses a row, so that the stored ones need not be looked for again.
# enough to hash the facts of a month and their customers at once
IN_MEMORY = "SET LOCAL work_mem = '64MB'"
DROP_CHANGES = "DROP TABLE IF EXISTS kpis_fact_change"
CREATE_CHANGES = """
    CREATE TEMPORARY TABLE kpis_fact_change AS
    SELECT s.month, s.kpi_id, c.id AS customer_id, s.numerator, {denominator} AS denominator,
           f.numerator AS old_numerator, f.denominator AS old_denominator, f.load_id AS old_load_id, f.{place} AS place
    FROM kpis_fact_stage s
    LEFT JOIN customers_customer c ON c.external_id = s.customer AND c.merged_into_id IS NULL
    LEFT JOIN kpis_fact f
        ON f.month = s.month AND f.kpi_id = s.kpi_id AND f.customer_id = c.id AND f.month IN ({months})
    WHERE c.id IS NULL OR s.numerator IS NOT NULL
      AND (f.load_id IS NULL OR f.numerator <> s.numerator OR f.denominator {differs} {denominator})"""
COUNT_CHANGES = "SELECT count(customer_id), count(*) - count(customer_id) FROM kpis_fact_change"

KEEP_REPLACED = """
    INSERT INTO kpis_replacedfact (load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id)
    SELECT %s, month, kpi_id, customer_id, old_numerator, old_denominator, old_load_id
    FROM kpis_fact_change WHERE old_load_id IS NOT NULL"""
# else PostgreSQL would join the change with every fact there is; given the key as well, it would take its index
BY_PLACE = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
CHANGE_OLD = """
    UPDATE kpis_fact AS f SET numerator = c.numerator, denominator = c.denominator, load_id = %s
    FROM kpis_fact_change c
    WHERE f.{place} = c.place AND f.load_id = c.old_load_id"""
ADD_NEW = """
    INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)
    SELECT month, kpi_id, customer_id, numerator, denominator, %s
    FROM kpis_fact_change WHERE old_load_id IS NULL"""

# {distinct}: where a fact stands in the file twice
INSERTED_SLICES = """
    SELECT kpi_id, month, count({distinct} customer), 0 FROM kpis_fact_stage
    WHERE numerator IS NOT NULL GROUP BY kpi_id, month ORDER BY kpi_id, month"""
UPSERTED_SLICES = """
    SELECT kpi_id, month, count({distinct} CASE WHEN old_load_id IS NULL THEN customer_id END),
           count({distinct} CASE WHEN old_load_id IS NULL THEN NULL ELSE customer_id END) FROM kpis_fact_change
    GROUP BY kpi_id, month ORDER BY kpi_id, month"""

# parameters: month, KPI, load, load
KEEP_TAKEN_BACK = """
    INSERT INTO kpis_takenbackfact (load_id, month, kpi_id, customer_id, numerator, denominator,
                                    old_numerator, old_denominator, old_load_id)
    SELECT f.load_id, f.month, f.kpi_id, f.customer_id, f.numerator, f.denominator,
           r.numerator, r.denominator, r.replaced_load_id
    FROM kpis_fact f
    LEFT JOIN kpis_replacedfact r
        ON r.load_id = f.load_id AND r.kpi_id = f.kpi_id AND r.month = f.month AND r.customer_id = f.customer_id
    WHERE f.month = %s AND f.kpi_id = %s AND f.load_id = %s"""
# of a deletion that is taken back: what it had taken away, which returns
KEEP_PUT_BACK = """
    INSERT INTO kpis_takenbackfact (load_id, month, kpi_id, customer_id, numerator, denominator,
                                    old_numerator, old_denominator, old_load_id)
    SELECT load_id, month, kpi_id, customer_id, numerator, denominator, numerator, denominator, replaced_load_id
    FROM kpis_replacedfact WHERE load_id = %s"""
DELETE_CREATED = """
    DELETE FROM kpis_fact AS f WHERE f.month = %s AND f.kpi_id = %s AND f.load_id = %s AND NOT EXISTS (
        SELECT 1 FROM kpis_replacedfact r
        WHERE r.load_id = %s AND r.kpi_id = f.kpi_id AND r.month = f.month AND r.customer_id = f.customer_id)"""
RETURN_REPLACED = """
    UPDATE kpis_fact AS f SET numerator = r.numerator, denominator = r.denominator, load_id = r.replaced_load_id
    FROM kpis_replacedfact r
    WHERE f.month = %s AND f.kpi_id = %s AND f.load_id = %s
      AND r.load_id = %s AND r.kpi_id = f.kpi_id AND r.month = f.month AND r.customer_id = f.customer_id"""

# {customers}: a condition where one customer's facts go alone. Parameters: load, month, KPI, customer
KEEP_REMOVED = """
    INSERT INTO kpis_replacedfact (load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id)
    SELECT %s, month, kpi_id, customer_id, numerator, denominator, load_id FROM kpis_fact
    WHERE month = %s AND kpi_id = %s {customers}"""
# of a load that took facts away: those that are there again
GIVEN_AGAIN = """
    SELECT k.code, c.external_id, f.month FROM kpis_replacedfact r
    JOIN kpis_fact f ON f.month = r.month AND f.kpi_id = r.kpi_id AND f.customer_id = r.customer_id
    JOIN kpis_kpi k ON k.id = f.kpi_id
    JOIN customers_customer c ON c.id = f.customer_id
    WHERE r.load_id = %s ORDER BY k.code, f.month, c.external_id"""
PUT_BACK = """
    INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)
    SELECT month, kpi_id, customer_id, numerator, denominator, replaced_load_id
    FROM kpis_replacedfact WHERE load_id = %s"""

# {months}: those of the load, without which PostgreSQL would read all facts there are. Parameters: load, load
TOLD_APART = """
    SELECT 1, month, kpi_id, count(*), sum(numerator), sum(denominator) FROM kpis_fact
    WHERE load_id = %s AND month IN ({months}) GROUP BY month, kpi_id
    UNION ALL
    SELECT 0, month, kpi_id, count(*), sum(numerator), sum(denominator) FROM kpis_replacedfact
    WHERE load_id = %s GROUP BY month, kpi_id
    ORDER BY 1, 2, 3"""

# what has no constraint in the database: see check_facts. A value that was replaced before its fact was taken away
# waits for the fact to be put back
DANGLING = """
    SELECT 'fact', f.kpi_id, f.customer_id, f.month FROM kpis_fact f
    LEFT JOIN kpis_kpi k ON k.id = f.kpi_id
    LEFT JOIN customers_customer c ON c.id = f.customer_id
    LEFT JOIN accounts_load l ON l.id = f.load_id
    WHERE k.id IS NULL OR c.id IS NULL OR (l.id IS NULL AND f.load_id <> 0)
    UNION ALL
    SELECT 'replaced fact', f.kpi_id, f.customer_id, f.month FROM kpis_replacedfact f
    LEFT JOIN kpis_fact g ON g.month = f.month AND g.kpi_id = f.kpi_id AND g.customer_id = f.customer_id
    WHERE g.load_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM kpis_replacedfact r JOIN accounts_load l ON l.id = r.load_id AND l.removed > 0
        WHERE r.month = f.month AND r.kpi_id = f.kpi_id AND r.customer_id = f.customer_id)
      AND NOT EXISTS (SELECT 1 FROM customers_customer c WHERE c.id = f.customer_id AND c.merged_into_id IS NOT NULL)"""
