import { openApiDocument } from '../../../src/web/openapi/openapi.ts'

/** The part of JSON Schema that the API uses. */
interface Schema {
  readonly $ref?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly const?: string
  readonly enum?: readonly string[]
  readonly pattern?: string
}

interface Operation {
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>
}

const { paths, components } = JSON.parse(JSON.stringify(openApiDocument('http://localhost'))) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** The tables of docs/api.md by the name of their marker, derived from `/openapi.json`. */
export function apiTables(): Readonly<Record<string, string>> {
  const frames = leavesOf(named('WireEvent'))
  const success = frames.find((frame) => frame.properties?.type?.const === 'success')
  return {
    'code request': fieldTable(named('CodeRequest')),
    'proof request': fieldTable(named('ProofRequest')),
    errors: errorTable(),
    frames: frameTable(frames),
    telemetry: fieldTable(success?.properties?.telemetry ?? {}),
    extra_data: fieldTable(success?.properties?.extra_data ?? {}),
    requests: requestTable(),
    'runs query': parameterTable('/runs'),
    'stats query': parameterTable('/stats'),
    statistics: fieldTable(named('Statistics')),
    run: fieldTable(named('RunInFull')),
    bodies: bodyTable(['Note', 'Approval', 'Accepted', 'Cancelling', 'Receipt', 'Keys', 'Health', 'Error']),
  }
}

function named(name: string): Schema {
  return components.schemas[name] ?? {}
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

function fieldTable(schema: Schema): string {
  const rows = Object.keys(schema.properties ?? {}).map((name) => [
    fieldText(schema, name),
    schema.properties?.[name]?.description ?? '',
  ])
  return table(['field', 'meaning'], rows)
}

function frameTable(frames: readonly Schema[]): string {
  const everywhere = commonFields(frames)
  const inTools = commonFields(frames.filter((frame) => typeText(frame).includes('Tool:')))
  const rows = frames.map((frame) => {
    const common = typeText(frame).includes('Tool:') ? inTools : everywhere
    const own = Object.keys(frame.properties ?? {}).filter(
      (name) => !common.has(name) && !common.has(`${name}?`) && name !== 'progress',
    )
    return [typeText(frame), frame.description ?? '', own.map((name) => fieldText(frame, name)).join(', ')]
  })
  return table(['`type`', 'when', 'fields'], rows)
}

/** Fields that all of them have, absent in some of each or in none. */
function commonFields(frames: readonly Schema[]): ReadonlySet<string> {
  const [first, ...others] = frames.map(
    ({ properties = {}, required = [] }) =>
      new Set(Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`))),
  )
  return others.reduce((common, names) => common.intersection(names), first ?? new Set())
}

function typeText({ properties }: Schema): string {
  return properties?.type?.const === undefined ? '`Tool: …`' : `\`${properties.type.const}\``
}

/** Name, `?` when it may be absent, and what is inside: words of an enumeration, or fields. */
function fieldText(owner: Schema, name: string): string {
  const schema = owner.properties?.[name] ?? {}
  const shown = `\`${name}${owner.required?.includes(name) ? '' : '?'}\``
  const inside = insideText(schema)
  return inside === '' ? shown : `${shown} (${inside})`
}

const MOST_WORDS = 5
const MOST_FIELDS = 8

function insideText(schema: Schema): string {
  if (schema.$ref !== undefined) return insideText(named(schema.$ref.split('/').at(-1) ?? ''))
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.enum)
    return schema.enum.length > MOST_WORDS ? '' : schema.enum.map((word) => `\`${word}\``).join(', ')
  if (schema.items) return insideText(schema.items)
  if (schema.properties) {
    const names = Object.keys(schema.properties)
    // Larger objects have a table of their own.
    if (names.length > MOST_FIELDS) return ''
    return names.map((name) => `\`${name}${schema.required?.includes(name) ? '' : '?'}\``).join(', ')
  }
  return (schema.anyOf ?? schema.oneOf ?? []).map(insideText).find((text) => text !== '') ?? ''
}

function leavesOf(schema: Schema): readonly Schema[] {
  const branches = schema.anyOf ?? schema.oneOf
  return branches ? branches.flatMap(leavesOf) : [schema]
}

function requestTable(): string {
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [
      `\`${method.toUpperCase()} ${path}\``,
      [operation.summary, operation.description].filter((text) => text !== undefined).join('. '),
      Object.keys(operation.responses).join(', '),
    ]),
  )
  return table(['request', 'what it does', 'status'], rows)
}

function parameterTable(path: string): string {
  const rows = (paths[path]?.get?.parameters ?? []).map(({ name, description = '', schema }) => [
    `\`${name}\``,
    [description, insideText(schema)].filter((text) => text !== '').join(' '),
  ])
  return table(['parameter', 'meaning'], rows)
}

function errorTable(): string {
  const { responses = {} } = paths['/code']?.post ?? {}
  const rows = Object.entries(responses).filter(([status]) => Number(status) >= 400)
  return table(
    ['status', 'code and meaning'],
    rows.map(([status, { description }]) => [status, description]),
  )
}

function bodyTable(names: readonly string[]): string {
  const rows = names.map((name) => {
    const schema = named(name)
    return [
      name,
      Object.keys(schema.properties ?? {})
        .map((field) => fieldText(schema, field))
        .join(', '),
    ]
  })
  return table(['body', 'fields'], rows)
}
