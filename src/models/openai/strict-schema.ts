import type { JsonObjectSchema } from '../model.ts'

/** A schema for OpenAI, and whether its strict mode can take it. */
export interface StrictSchema {
  readonly schema: Record<string, unknown>
  readonly strict: boolean
}

type Schema = Readonly<Record<string, unknown>>

/** Keywords that only narrow what is allowed. Strict mode rejects them, and the tools check their input anyway. */
const DROPPED = new Set(['default', 'examples', 'title', '$schema', 'minLength', 'maxLength', 'uniqueItems'])
/** Keywords that strict mode cannot express. */
const INEXPRESSIBLE = [
  'oneOf',
  'allOf',
  'not',
  'if',
  '$ref',
  'patternProperties',
  'propertyNames',
  'prefixItems',
]

/**
 * Adapts a schema to OpenAI's strict mode, in which every property is required and every object is closed. Optional
 * properties become nullable, and `dropNulls` later removes the nulls that the model writes. A schema that cannot be
 * expressed this way is returned unchanged, as not strict.
 */
export function strictSchema(schema: JsonObjectSchema): StrictSchema {
  const source: Schema = { ...schema }
  if (!isExpressible(source)) return { schema: { ...source }, strict: false }
  return { schema: tighten(source), strict: true }
}

function isExpressible(schema: Schema): boolean {
  if (INEXPRESSIBLE.some((keyword) => keyword in schema)) return false
  if (schema.type === undefined && !('enum' in schema) && !('const' in schema) && !('anyOf' in schema))
    return false
  if (schema.type === 'object' && (schema.additionalProperties !== false || !isSchema(schema.properties)))
    return false
  if (schema.type === 'array' && !isSchema(schema.items)) return false
  return childSchemas(schema).every(isExpressible)
}

function childSchemas(schema: Schema): Schema[] {
  const properties = isSchema(schema.properties) ? Object.values(schema.properties) : []
  const options = Array.isArray(schema.anyOf) ? schema.anyOf : []
  return [...properties, schema.items, ...options].filter(isSchema)
}

function tighten(schema: Schema): Record<string, unknown> {
  const kept = Object.entries(schema).filter(([keyword]) => !DROPPED.has(keyword))
  const tight: Record<string, unknown> = Object.fromEntries(kept)
  if (isSchema(schema.items)) tight.items = tighten(schema.items)
  if (Array.isArray(schema.anyOf)) tight.anyOf = schema.anyOf.filter(isSchema).map(tighten)
  if (!isSchema(schema.properties)) return tight
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = Object.entries(schema.properties).map(([name, value]): [string, unknown] => {
    const inner = isSchema(value) ? tighten(value) : {}
    return [name, required.includes(name) ? inner : nullable(inner)]
  })
  tight.properties = Object.fromEntries(properties)
  tight.required = properties.map(([name]) => name)
  return tight
}

function nullable(schema: Record<string, unknown>): Record<string, unknown> {
  if (Array.isArray(schema.anyOf)) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] }
  if (schema.type === undefined || 'const' in schema) return { anyOf: [schema, { type: 'null' }] }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  const choices = Array.isArray(schema.enum) ? { enum: [...new Set([...schema.enum, null])] } : {}
  return { ...schema, type: [...new Set([...types, 'null'])], ...choices }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
