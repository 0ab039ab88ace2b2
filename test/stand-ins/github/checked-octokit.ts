import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { ProbotOctokit } from 'probot'

/** Probot's Octokit without throttling and retries, which only the function form of `defaults` switches off. */
export const QuietOctokit = ProbotOctokit.defaults((given: object) => ({
  ...given,
  throttle: { enabled: false },
  retry: { enabled: false },
}))

export type QuietOctokit = InstanceType<typeof ProbotOctokit>

/** A real Octokit that asks once and at once, and says nothing. */
export function quietOctokit({
  apiUrl,
  auth,
}: {
  readonly apiUrl: string
  readonly auth?: object | undefined
}): QuietOctokit {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const identity = auth === undefined ? {} : { auth }
  return new QuietOctokit({ ...identity, baseUrl: apiUrl, log: silent, request: { log: silent } })
}

interface Options {
  readonly apiUrl: string
  /** As Octokit takes it: App, installation or token. Anonymous without. */
  readonly auth: object | undefined
  readonly check: SchemaCheck
  /** Collects `METHOD route status: what is wrong`. */
  readonly problems: string[]
}

/** A real Octokit that compares every answer, refusals included, with GitHub's published schemas. */
export function checkedOctokit({ apiUrl, auth, check, problems }: Options): QuietOctokit {
  const octokit = quietOctokit({ apiUrl, auth })
  function inspect(
    request: { readonly method: string; readonly url: string },
    status: number,
    body: unknown,
  ): void {
    const operation = `${request.method} ${request.url.replace(apiUrl, '')}`
    for (const problem of check.answer(operation, status, body))
      problems.push(`${operation} ${status}: ${problem}`)
  }
  octokit.hook.after('request', (response, request) => inspect(request, response.status, response.data))
  octokit.hook.error('request', (error, request) => {
    if ('response' in error && error.response) inspect(request, error.response.status, error.response.data)
    throw error
  })
  return octokit
}

interface SchemaCheck {
  /** What is wrong with an answer, by GitHub's published schema; empty when nothing is. */
  answer(operation: string, status: number, body: unknown): readonly string[]
  webhook(event: string, action: string, payload: unknown): readonly string[]
  /** Operations in the fixture that were not asked about yet. */
  unasked(): readonly string[]
}

interface Schemas {
  readonly operations: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly definitions: unknown
}

/** Compares what the stand-in says with GitHub's OpenAPI, as extracted into `test/fixtures/github-schemas`. */
export function createSchemaCheck(): SchemaCheck {
  const [rest, webhooks] = [load('rest'), load('webhooks')]
  const asked = new Set<string>()
  return {
    answer(operation, status, body) {
      asked.add(operation)
      const answers = rest.schemas.operations[operation]
      if (!answers) return [`${operation} is not in the fixture; add it to extract-schemas.ts`]
      if (!(String(status) in answers)) return [`GitHub does not document ${status} for ${operation}`]
      if (answers[String(status)] === null)
        return isEmpty(body) ? [] : [`${operation} ${status} has no documented body`]
      return rest.check([operation, String(status)], body)
    },
    webhook(event, action, payload) {
      const name = `${event}-${action}`.replaceAll('_', '-')
      if (!webhooks.schemas.operations[name])
        return [`${name} is not in the fixture; add it to extract-schemas.ts`]
      return webhooks.check([name, 'body'], payload)
    },
    unasked: () => Object.keys(rest.schemas.operations).filter((operation) => !asked.has(operation)),
  }
}

function load(name: string) {
  const path = join(import.meta.dirname, '../../fixtures/github-schemas', `${name}.json`)
  const schemas: Schemas = JSON.parse(readFileSync(path, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  formats.default(ajv)
  ajv.addSchema({ definitions: schemas.definitions, operations: schemas.operations }, name)
  function check(pointer: readonly string[], value: unknown): readonly string[] {
    const path = ['operations', ...pointer].map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    )
    const validate: ValidateFunction = ajv.compile({ $ref: `${name}#/${path.join('/')}` })
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
  }
  return { schemas, check }
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || body === '' || JSON.stringify(body) === '{}'
}
