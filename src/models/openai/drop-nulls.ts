/**
 * Takes out of a tool call's arguments the nulls that stand for "not given": those of optional properties whose
 * own schema does not accept null. Everything else stays as the model wrote it.
 *
 * @param schema the tool's original schema, before strict mode made the optional properties nullable.
 */
export function dropNulls(value: unknown, schema: unknown): unknown {
  if (!isRecord(schema)) return value
  if (Array.isArray(value)) return value.map((item) => dropNulls(item, schema.items))
  if (!isRecord(value) || !isRecord(schema.properties)) return value
  const { properties } = schema
  const required = Array.isArray(schema.required) ? schema.required : []
  const given = Object.entries(value).filter(
    ([name, item]) => item !== null || required.includes(name) || acceptsNull(properties[name]),
  )
  return Object.fromEntries(given.map(([name, item]) => [name, dropNulls(item, properties[name])]))
}

function acceptsNull(schema: unknown): boolean {
  if (!isRecord(schema)) return true
  if (schema.const === null || (Array.isArray(schema.enum) && schema.enum.includes(null))) return true
  if (Array.isArray(schema.anyOf)) return schema.anyOf.some(acceptsNull)
  if (schema.type === undefined) return !('enum' in schema || 'const' in schema)
  return Array.isArray(schema.type) ? schema.type.includes('null') : schema.type === 'null'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
