import type { z } from 'zod'
import { openApiSchemas } from './openapi-schemas.ts'

type Schema = z.core.JSONSchema.BaseSchema

const HEAD = `// Made by \`npm run client\` from the schemas of the API; do not edit.
`

/** The body of errors, which the client throws. */
const LEFT_OUT = ['Error']

/** The schemas of the API as types of TypeScript, without any import: the source of `src/client/api-types.ts`. */
export function clientTypes(): string {
  const schemas = Object.entries(openApiSchemas()).filter(([name]) => !LEFT_OUT.includes(name))
  const types = schemas.map(([name, schema]) => {
    const about = schema.description ? `/** ${oneLine(schema.description)} */\n` : ''
    return `${about}type ${name} =${typeText(schema)}\n`
  })
  const names = schemas.map(([name]) => `  ${name},\n`)
  return [HEAD, ...types, `export type {\n${names.join('')}}\n`].join('\n')
}

/** A union of objects has a line for each; everything else is one line. */
function typeText(schema: Schema): string {
  const branches = leavesOf(schema)
  if (branches.length > 1) return branches.map((branch) => `\n  | ${inline(branch)}`).join('')
  return ` ${inline(schema)}`
}

function leavesOf(schema: Schema): readonly Schema[] {
  const branches = schema.anyOf ?? schema.oneOf
  return branches ? (branches as readonly Schema[]).flatMap(leavesOf) : [schema]
}

function inline(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'unknown'
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(' | ')
  const branches = schema.anyOf ?? schema.oneOf
  if (branches) return (branches as readonly Schema[]).map((branch) => inline(branch)).join(' | ')
  if (Array.isArray(schema.type)) return schema.type.map((type) => inline({ ...schema, type })).join(' | ')
  switch (schema.type) {
    case 'string':
      // Names of tools are free text after this start.
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a type of TypeScript
      return schema.pattern?.startsWith('^Tool: ') ? '`Tool: ${string}`' : 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return `readonly (${inline((schema.items as Schema | undefined) ?? {})})[]`
    case 'object':
      return objectText(schema)
    default:
      return 'unknown'
  }
}

function objectText({ properties = {}, required = [] }: Schema): string {
  const fields = Object.entries(properties).map(([name, value]) => {
    const isRequired = required.includes(name)
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name)
    const about =
      typeof value === 'object' && value.description ? `/** ${oneLine(value.description)} */ ` : ''
    return `${about}readonly ${key}${isRequired ? ':' : '?:'} ${inline(value as Schema)}${isRequired ? '' : ' | undefined'}`
  })
  return fields.length === 0 ? 'object' : `{ ${fields.join('; ')} }`
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /')
