"""The SQL that makes readings of stored answers; its texts are part of what an aggregate was made by."""

from __future__ import annotations

from core.store.files.aggregate_checks import TABLES

READING_KEY = """
CASE WHEN kind = 'options' AND outcome = 'option' AND survey IS NOT NULL AND tag = '' AND paraphrase = 0
THEN hash(
    model_id, survey, question_id, country, age, sex, education, language, replace(prompt_version, '/numbers', '')
) END
"""
"""SQL expression that is equal for rows of one reading: a hash of 64 bits, null for rows that belong to no reading.

The version of a prompt is its template, then ``/numbers`` where the options are numbered and ``/wording-2`` where the
item has a later wording: see :func:`core.prompts.render.version_of`. The chance that any two of a million readings have
the same hash is one in forty million.
"""

MIXED = "mixed"
"""The provider of a reading in an aggregate that has answers of the mock model and of others."""

LEAST_MASS = 1e-6
"""Least probability of an option in the mean of logarithms, where a probability of 0 would dominate without bound."""

READING_COLUMNS = tuple(name for name in TABLES["readings"].names if name != "provider")
"""The columns of a reading. In an aggregate it has its provider as well."""

READING_TABLES = (
    """
    CREATE TABLE readings (
        scope VARCHAR, reading_key UBIGINT, model_id VARCHAR, question_id VARCHAR, country VARCHAR, told VARCHAR,
        persona VARCHAR, language VARCHAR, template VARCHAR, wording INTEGER, codes BIGINT[], probabilities DOUBLE[],
        probabilities_log DOUBLE[], valid_mass DOUBLE, method VARCHAR, samples BIGINT, orders BIGINT,
        created TIMESTAMP, run_id VARCHAR, cell_id VARCHAR
    )
    """,
    "CREATE TABLE touched (run_id VARCHAR, reading_key UBIGINT)",
    "CREATE TABLE merged (scope VARCHAR, reading_key UBIGINT)",
)

TOLD = """CASE WHEN coalesce(age, sex, education) IS NOT NULL THEN 'group'
    WHEN country IS NULL THEN 'none' ELSE 'country' END"""

MAKE = """
INSERT INTO readings
WITH latest AS (
    SELECT reading_key, shard, row, created, n FROM (
        SELECT reading_key, hash(codes, prompt_version) AS printed, shard, row, created, run_id, seq, sample, n
        FROM all_responses WHERE current AND reading_key IS NOT NULL AND {rows}
    )
    QUALIFY row_number() OVER (
        PARTITION BY reading_key, printed ORDER BY created > $now, created DESC, run_id, seq DESC, sample
    ) = 1
), heads AS (
    SELECT reading_key, count(*) AS orders, sum(n)::BIGINT AS samples, arg_max(shard, created) AS shard,
        arg_max(row, created) AS row
    FROM latest GROUP BY ALL
), long AS (
    SELECT reading_key, unnest(codes) AS code, unnest(mass) AS mass
    FROM all_responses SEMI JOIN latest USING (shard, row)
), options AS (
    SELECT reading_key, list(code) AS codes, list(mass) AS mass, sum(mass) AS total, list(even) AS evens,
        sum(even) AS evens_total
    FROM (
        SELECT reading_key, code, avg(mass) AS mass, exp(avg(ln(greatest(mass, {least})))) AS even
        FROM long GROUP BY ALL
    ) GROUP BY reading_key HAVING total > 0
)
SELECT $scope, options.reading_key, model_id, {key}, country,
    {told},
    concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''), coalesce(education, '')), language,
    split_part(prompt_version, '/', 1),
    coalesce(try_cast(regexp_extract(prompt_version, '/wording-([0-9]+)', 1) AS INTEGER), 1),
    list_sort(options.codes),
    list_transform(list_select(options.mass, list_grade_up(options.codes)), lambda m: m / total),
    list_transform(list_select(options.evens, list_grade_up(options.codes)), lambda m: m / evens_total),
    total, method, samples, orders, created, run_id, cell_id
FROM heads JOIN options USING (reading_key) JOIN all_responses AS r ON r.shard = heads.shard AND r.row = heads.row
"""
# Only whole numbers are grouped and sorted. The texts of a reading are added last, from its latest row alone.


PRINTED = """
SELECT model_id, {key} AS question_id,
    concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''), coalesce(education, '')) AS persona,
    language, split_part(prompt_version, '/', 1) AS template,
    coalesce(try_cast(regexp_extract(prompt_version, '/wording-([0-9]+)', 1) AS INTEGER), 1) AS wording,
    CASE WHEN contains(prompt_version, '/numbers') THEN 'numbers' ELSE 'letters' END AS labels, codes, mass, created,
    method
FROM all_responses WHERE current AND reading_key IS NOT NULL AND {where}
QUALIFY row_number() OVER (
    PARTITION BY reading_key, prompt_version, codes
    ORDER BY created > ?, created DESC, run_id, seq DESC, sample
) = 1
ORDER BY ALL
"""
"""SQL query: answers as printed, not averaged, of the rows that meet a condition."""
