import type { Right } from '../access/token-store.ts'
import { openApiPaths } from './openapi-paths.ts'
import type { JsonSchema } from './schema-text.ts'

/** One request of the API as the reference shows it. */
export interface Operation {
  /** Fragment of links to this request on the page: `get-runs-id`. */
  readonly slug: string
  readonly method: string
  /** Path parameters are in braces: `/runs/{id}`. */
  readonly path: string
  readonly summary: string
  readonly description: string | undefined
  readonly group: string
  /** The right that a token needs; undefined where no token is needed. */
  readonly right: Right | undefined
  readonly parameters: readonly Parameter[]
  readonly body: { readonly schema: JsonSchema; readonly required: boolean } | undefined
  readonly answers: readonly Answer[]
  /** Other paths of the same request: `/api/code`. */
  readonly aliases: readonly string[]
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string | undefined
  readonly schema: JsonSchema
}

export interface Answer {
  readonly status: string
  readonly description: string
  /** Media type, such as `application/json`; undefined for an answer without a body. */
  readonly type: string | undefined
  /** Schema of the body; for a stream, of each frame. */
  readonly schema: JsonSchema | undefined
}

/** Groups in the order of the reference page. A request belongs to the first group whose pattern matches it. */
const GROUPS: readonly (readonly [group: string, requests: RegExp])[] = [
  ['Start a run', /^POST \/(?:code|prove)$/],
  ['Read runs', /^GET \/(?:stats|runs(?!\/\{id\}\/share))/],
  ['Steer a run', /^POST \/runs\/\{id\}\/(?!share)/],
  ['Share a run', /\/share/],
  ['The service', /./],
]

interface RawOperation {
  readonly summary: string
  readonly description?: string | undefined
  readonly security?: readonly unknown[]
  readonly parameters?: readonly RawParameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Content | undefined }>
  >
}

interface RawParameter extends Pick<Parameter, 'name' | 'in'> {
  readonly required?: boolean
  readonly description?: string | undefined
  readonly schema: object
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly 'x-frame'?: JsonSchema }>>

/** Every request of the API, group by group. */
export function listOperations(): readonly Operation[] {
  const paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>> = openApiPaths
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, raw]) => operationOf(method.toUpperCase(), path, raw)),
  )
  const main = all.filter(({ path }) => aliasOf(path) === undefined)
  const order = GROUPS.map(([group]) => group)
  return main
    .map((each) => ({ ...each, aliases: aliasesOf(each, all) }))
    .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group))
}

/** The main path that `path` is another name for: `/api/code` for `/code`, and `/health` for `/healthz`. */
function aliasOf(path: string): string | undefined {
  return path === '/health' ? '/healthz' : /^\/api(\/.+)$/.exec(path)?.[1]
}

function aliasesOf({ path, method }: Operation, all: readonly Operation[]): readonly string[] {
  const same = all.filter((other) => other.method === method && aliasOf(other.path) === path)
  return same.map((other) => other.path)
}

function operationOf(method: string, path: string, raw: RawOperation): Operation {
  return {
    slug: `${method}${path}`
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replace(/-$/, ''),
    method,
    path,
    summary: raw.summary,
    description: raw.description,
    group: GROUPS.find(([, requests]) => requests.test(`${method} ${path}`))?.[0] ?? '',
    right: rightFor(method, path, raw),
    parameters: (raw.parameters ?? []).map((each) => {
      const { name, in: place, required = false, schema: given } = each
      const schema = given as JsonSchema
      return { name, in: place, required, schema, description: each.description ?? schema.description }
    }),
    body: raw.requestBody && {
      schema: Object.values(raw.requestBody.content)[0]?.schema ?? {},
      required: raw.requestBody.required,
    },
    answers: Object.entries(raw.responses).map(([status, { description, content }]) => {
      const [type, body] = Object.entries(content ?? {})[0] ?? []
      return { status, description, type, schema: body?.['x-frame'] ?? body?.schema }
    }),
    aliases: [],
  }
}

function rightFor(method: string, path: string, { security }: RawOperation): Right | undefined {
  if (security?.length === 0) return undefined
  if (path === '/metrics') return 'metrics'
  return method === 'GET' ? 'read' : 'start'
}
