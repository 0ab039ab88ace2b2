import type { z } from 'zod'
import { openApiSchemas } from './openapi-schemas.ts'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The schemas of the API, in the form that the reference page shows. */
export interface SchemaTexts {
  /** Replaces a top-level `$ref` by the schema that it names. */
  resolve(schema: JsonSchema): JsonSchema
  /** Name of the schema that `$ref` names; undefined for a schema without a `$ref`. */
  nameOf(schema: JsonSchema): string | undefined
  /** One row for each field. The fields of a nested object follow it, with paths such as `thread.url`. */
  fields(schema: JsonSchema): readonly Field[]
  /** The members of a union, nested unions flattened; a schema that is no union is its only member. */
  kinds(schema: JsonSchema): readonly JsonSchema[]
  /** A plausible value that matches the schema. */
  example(schema: JsonSchema): unknown
  /** `string`, `integer or null`, `list of strings`. */
  typeText(schema: JsonSchema): string
  readonly names: readonly string[]
  get(name: string): JsonSchema
}

export interface Field {
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly about: string
}

/** Fields of more deeply nested objects get no row. */
const MOST_DEPTH = 2

/** Example values by field name; the example of any other field follows from its type. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  id: '5b1c9a52-6a54-4e0b-9f5b-0d7f4f0f2b6e',
  runId: '5b1c9a52-6a54-4e0b-9f5b-0d7f4f0f2b6e',
  runUrl: 'https://backspace.example/runs/5b1c9a52-6a54-4e0b-9f5b-0d7f4f0f2b6e',
  eventsUrl: 'https://backspace.example/runs/5b1c9a52-6a54-4e0b-9f5b-0d7f4f0f2b6e/events',
  repoUrl: 'https://github.com/acme/greeter',
  repository: 'acme/greeter',
  prompt: 'make the failing test pass',
  requester: 'ada',
  title: 'Greeter fails for a visitor without a name',
  url: 'https://github.com/acme/greeter/issues/7',
  pullRequest: 7,
  number: 7,
  text: 'Also update the README.',
  model: 'anthropic:claude-opus-5-5',
  base: 'main',
  budgetUsd: 2,
  costUsd: 0.42,
  durationMs: 384_211,
  code: 'not_found',
  message: 'There is no run with this id.',
}

export function createSchemaTexts(): SchemaTexts {
  const schemas: Readonly<Record<string, JsonSchema>> = openApiSchemas()
  const nameOf = ({ $ref }: JsonSchema) => $ref?.split('/').at(-1)

  function resolve(schema: JsonSchema): JsonSchema {
    const name = nameOf(schema)
    return name === undefined ? schema : { ...schemas[name], ...withoutRef(schema) }
  }

  const branchesOf = (schema: JsonSchema) =>
    (schema.anyOf ?? schema.oneOf) as readonly JsonSchema[] | undefined

  function kinds(schema: JsonSchema): readonly JsonSchema[] {
    const resolved = resolve(schema)
    return branchesOf(resolved)?.flatMap(kinds) ?? [resolved]
  }

  function typeText(schema: JsonSchema): string {
    const resolved = resolve(schema)
    if (resolved.const !== undefined) return JSON.stringify(resolved.const)
    if (resolved.enum) return resolved.enum.map((word) => JSON.stringify(word)).join(' · ')
    const branches = branchesOf(resolved)
    if (branches) return [...new Set(branches.map(typeText))].join(' or ')
    if (Array.isArray(resolved.type)) return resolved.type.join(' or ')
    if (resolved.type === 'array')
      return `list of ${typeText((resolved.items as JsonSchema | undefined) ?? {})}`
    return (
      [resolved.format === 'date-time' ? 'time' : resolved.format, resolved.type].find(Boolean) ?? 'anything'
    )
  }

  function fields(schema: JsonSchema, prefix = '', depth = 0): readonly Field[] {
    const { properties = {}, required = [] } = resolve(schema)
    return Object.entries(properties).flatMap(([name, value]) => {
      const property = value as JsonSchema
      const path = `${prefix}${name}`
      const about = resolve(property).description ?? ''
      const inner = depth < MOST_DEPTH ? innerFields(property, path, depth) : []
      return [{ path, type: typeText(property), required: required.includes(name), about }, ...inner]
    })
  }

  function innerFields(property: JsonSchema, path: string, depth: number): readonly Field[] {
    // A named schema, such as Run, has a table of its own.
    const isNamed =
      nameOf(property) !== undefined || nameOf((property.items as JsonSchema | undefined) ?? {}) !== undefined
    if (isNamed) return []
    const object = kinds(property).find(({ properties }) => properties !== undefined)
    if (object) return fields(object, `${path}.`, depth + 1)
    const items = property.items as JsonSchema | undefined
    return items && resolve(items).properties ? fields(items, `${path}[].`, depth + 1) : []
  }

  function example(schema: JsonSchema, name = ''): unknown {
    const resolved = resolve(schema)
    if (resolved.const !== undefined) return resolved.const
    if (resolved.default !== undefined) return resolved.default
    if (name in EXAMPLES && resolved.properties === undefined) return EXAMPLES[name]
    if (resolved.enum) return resolved.enum[0]
    const branches = branchesOf(resolved)
    if (branches) return example(branches[0] ?? {}, name)
    const type = Array.isArray(resolved.type) ? resolved.type[0] : resolved.type
    if (type === 'object') return exampleObject(resolved)
    if (type === 'array') return [example((resolved.items as JsonSchema | undefined) ?? {}, '')]
    if (type === 'integer' || type === 'number') return resolved.minimum ?? 1
    if (type === 'boolean') return false
    if (type === 'null') return null
    return resolved.format === 'date-time' ? '2026-11-29T18:00:00.000Z' : '…'
  }

  /** Only the required fields; if none is required, the first field, so that the example is not empty. */
  function exampleObject({ properties = {}, required = [] }: JsonSchema): object {
    const all = Object.entries(properties)
    const shown = all.filter(([name]) => required.includes(name))
    return Object.fromEntries(
      (shown.length > 0 ? shown : all.slice(0, 1)).map(([name, value]) => [
        name,
        example(value as JsonSchema, name),
      ]),
    )
  }

  return {
    resolve,
    nameOf,
    fields: (schema) => fields(schema),
    kinds,
    example: (schema) => example(schema),
    typeText,
    names: Object.keys(schemas),
    get: (name) => schemas[name] ?? {},
  }
}

function withoutRef({ $ref: _, ...rest }: JsonSchema): JsonSchema {
  return rest
}
