import { z } from 'zod'
import { envelopeBody } from '../../receipts/envelope.ts'
import { keyListBody } from '../../receipts/key-list.ts'
import { codeRequestBody, proofBody } from '../../triggers/code-request.ts'
import {
  acceptedBody,
  approvalBody,
  cancellingBody,
  errorBody,
  followUpBody,
  healthBody,
  runBody,
  runInFullBody,
  runListBody,
  shareBody,
  shareListBody,
  shareRequest,
  statusName,
} from '../bodies.ts'
import { statsBody } from '../stats-body.ts'
import { wireEvent } from '../stream/wire-schema.ts'

const ADDRESS = '#/components/schemas/'

/** The names by which clients know the bodies and frames of the API. */
const SCHEMAS = {
  CodeRequest: codeRequestBody,
  ProofRequest: proofBody,
  Note: followUpBody,
  Approval: approvalBody,
  Accepted: acceptedBody,
  Status: statusName,
  Run: runBody,
  RunInFull: runInFullBody,
  RunList: runListBody,
  Statistics: statsBody,
  Cancelling: cancellingBody,
  ShareRequest: shareRequest,
  Share: shareBody,
  ShareList: shareListBody,
  Receipt: envelopeBody,
  Keys: keyListBody,
  Health: healthBody,
  Error: errorBody,
  WireEvent: wireEvent,
} as const

export type SchemaName = keyof typeof SCHEMAS

export function schemaRef(name: SchemaName): { readonly $ref: string } {
  return { $ref: `${ADDRESS}${name}` }
}

/** The schemas as JSON Schema, which OpenAPI 3.1 uses. Takes milliseconds, so callers keep the result. */
export function openApiSchemas(): Readonly<Record<string, z.core.JSONSchema.BaseSchema>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `${ADDRESS}${id}`,
    override: ({ jsonSchema }) => withoutIntegerBounds(jsonSchema),
  })
  const entries = Object.entries(schemas)
  return Object.fromEntries(entries.map(([id, { $schema, $id, ...schema }]) => [id, schema]))
}

/** Zod bounds every integer to those that JavaScript counts exactly. That says nothing about the API. */
function withoutIntegerBounds(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
}
