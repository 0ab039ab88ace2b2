import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { createParser } from 'eventsource-parser'
import { expect } from 'vitest'
import { openApiDocument } from '../../src/web/openapi/openapi.ts'
import type { SchemaName } from '../../src/web/openapi/openapi-schemas.ts'

export type ExpectValid = (name: SchemaName, value: unknown) => void

/**
 * Validates values against `/openapi.json`; a property that it does not list fails the test. One for all tests of this
 * process: to compile these schemas takes a sixth of a second.
 */
export const expectValid: ExpectValid = createExpectValid()

function createExpectValid(): ExpectValid {
  let ajv: Ajv.default | undefined
  return (name, value) => {
    ajv ??= readDocument()
    const validate = ajv.getSchema(`api#/components/schemas/${name}`)
    if (validate?.(value)) return
    expect({ name, value, errors: validate?.errors }).toEqual({ name, value, errors: null })
  }
}

function readDocument(): Ajv.default {
  // To optimise the code takes longer than it will ever save.
  const ajv = new Ajv.default({ strict: false, allErrors: true, code: { optimize: false } })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'api', ...openApiDocument('http://localhost') })
  return ajv
}

/** The data of the frames of a stream that has ended, exactly as they were sent. */
function frameData(text: string): readonly unknown[] {
  const frames: unknown[] = []
  createParser({ onEvent: ({ data }) => frames.push(JSON.parse(data)) }).feed(text)
  return frames
}

interface Answer {
  readonly name: SchemaName
  readonly value: unknown
}

/** Every body and every frame that a service has for its runs. The frames of a run that goes on are left out. */
export async function readAnswers(url: string): Promise<readonly Answer[]> {
  const get = (path: string) => fetch(`${url}${path}`, { headers: { accept: 'application/json' } })
  const list = await get('/runs?limit=100')
  const value = (await list.json()) as { readonly runs: readonly { id: string; finishedAt: string | null }[] }
  if (!list.ok) return [{ name: 'Error', value }]
  const answers: Answer[] = [{ name: 'RunList', value }]
  for (const { id, finishedAt } of value.runs) {
    answers.push({ name: 'RunInFull', value: await (await get(`/runs/${id}`)).json() })
    if (finishedAt === null) continue
    const frames = frameData(await (await get(`/runs/${id}/events`)).text())
    answers.push(...frames.map((frame) => ({ name: 'WireEvent', value: frame }) as const))
  }
  return answers
}

/** Holds what a service answers about its runs against `/openapi.json`. */
export function expectContract(answers: readonly Answer[]): void {
  for (const { name, value } of answers) expectValid(name, value)
}
