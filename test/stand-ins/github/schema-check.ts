import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

export interface SchemaCheck {
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
