import { expect, test } from 'vitest'
import type { JsonObjectSchema } from '../../../src/models/model.ts'
import { dropNulls } from '../../../src/models/openai/openai-answer.ts'
import { strictSchema } from '../../../src/models/openai/strict-schema.ts'

function objectOf(properties: Record<string, unknown>, required: string[] = []): JsonObjectSchema {
  return { type: 'object', properties, required, additionalProperties: false }
}

test('optional properties become required and nullable, at every depth', () => {
  const { schema, strict } = strictSchema(
    objectOf(
      {
        path: { type: 'string', minLength: 1 },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        items: { type: 'array', items: objectOf({ done: { type: 'boolean' } }) },
        choice: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      },
      ['path', 'items'],
    ),
  )
  expect(strict).toBe(true)
  expect(schema).toEqual({
    type: 'object',
    additionalProperties: false,
    required: ['path', 'mode', 'items', 'choice'],
    properties: {
      path: { type: 'string' },
      mode: { type: ['string', 'null'], enum: ['a', 'b', null] },
      items: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['done'],
          properties: { done: { type: ['boolean', 'null'] } },
        },
      },
      choice: { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'null' }] },
    },
  })
})

test.each([
  ['an open object', { env: { type: 'object' } }],
  ['a choice of exactly one', { x: { oneOf: [{ type: 'string' }, { type: 'number' }] } }],
  ['anything at all', { x: {} }],
])('a schema with %s is passed on as it is, not strict', (_name, properties) => {
  const source = objectOf(properties)
  expect(strictSchema(source)).toEqual({ schema: source, strict: false })
})

test('the source schema is not changed', () => {
  const source = objectOf({ a: { type: 'string', default: 'x' } })
  const before = structuredClone(source)
  strictSchema(source)
  expect(source).toEqual(before)
})

test('only nulls that stand for "not given" are dropped', () => {
  const schema = objectOf(
    {
      must: { type: ['string', 'null'] },
      may: { type: 'string' },
      nullable: { type: ['string', 'null'] },
      edits: {
        type: 'array',
        items: objectOf({ old: { type: 'string' }, all: { type: 'boolean' } }, ['old']),
      },
    },
    ['must', 'edits'],
  )
  const args = { must: null, may: null, nullable: null, edits: [{ old: 'a', all: null }], unknown: null }
  expect(dropNulls(args, schema)).toEqual({
    must: null,
    nullable: null,
    edits: [{ old: 'a' }],
    unknown: null,
  })
})
