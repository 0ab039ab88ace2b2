import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../../src/db/schema.ts'

/** What is true of the tables, each fact under a name of its own. */
export type Shape = ReadonlyMap<string, string>

/** The parts of the shape that an older version of Backspace could run into. */
export async function shapeOf(tables: Kysely<Schema>): Promise<Shape> {
  const { rows } = await sql<{ name: string; fact: string }>`
    with ours as (
      select oid, relname from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p'))
    select 'table ' || relname as name, '' as fact from ours
    union all
    select 'column ' || relname || '.' || attname,
      format_type(atttypid, atttypmod) || case
        when not attnotnull then '' when atthasdef or attidentity <> '' then ', filled' else ', required' end
      from ours join pg_attribute on attrelid = ours.oid where attnum > 0 and not attisdropped
    union all
    select 'constraint ' || relname || '.' || conname, pg_get_constraintdef(c.oid)
      from ours join pg_constraint c on conrelid = ours.oid
    union all
    select 'unique index ' || relname || '.' || indexrelid::regclass, pg_get_indexdef(indexrelid)
      from ours join pg_index on indrelid = ours.oid where indisunique
    union all
    select 'trigger ' || relname || '.' || tgname, pg_get_triggerdef(t.oid)
      from ours join pg_trigger t on tgrelid = ours.oid where not tgisinternal`.execute(tables)
  return new Map(rows.map(({ name, fact }) => [name, fact]))
}

/** What a version that was made for the shape before could run into in the one after. */
export function narrowings(before: Shape, after: Shape): readonly string[] {
  const gone = [...before.keys()].filter((name) => !after.has(name) && /^(table|column) /.test(name))
  const changed = [...after].filter(([name, fact]) => {
    const was = before.get(name)
    if (was !== undefined) return was !== fact && !widens(was, fact)
    return before.has(`table ${tableOf(name)}`) ? refusesRows(name, fact) : refusesDeletes(fact, before)
  })
  return [...gone.map((name) => `${name} is gone`), ...changed.map(([name, fact]) => `${name}: ${fact}`)]
}

const tableOf = (name: string) => /([^ .]+)\.[^.]*$/.exec(name)?.[1] ?? ''

/** A column that may be left out, or null, now. */
function widens(was: string, is: string): boolean {
  const [type, filled] = is.split(', ')
  return was.split(', ')[0] === type && filled !== 'required' && !(filled === 'filled' && was === type)
}

/** New, on a table that there was: rows that an older version writes might not fit. */
function refusesRows(name: string, fact: string): boolean {
  return !name.startsWith('column ') || fact.endsWith(', required')
}

/** New, on a new table, whose rows an older version does not delete before those that they refer to. */
function refusesDeletes(fact: string, before: Shape): boolean {
  const target = /^FOREIGN KEY .* REFERENCES ([^ (]+)/.exec(fact)?.[1]
  return target !== undefined && before.has(`table ${target}`) && !/ON DELETE (CASCADE|SET NULL)/.test(fact)
}
