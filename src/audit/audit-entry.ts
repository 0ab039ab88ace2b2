import { createHash } from 'node:crypto'
import { z } from 'zod'

const count = z.number().int().nonnegative()
/** Hexadecimal. */
const sha256 = z.string()
/** `owner/name`. */
const repository = z.string()
/** Untrusted text is never stored, only its hash and its length. */
const textMark = z.object({ sha256, characters: count })
const trigger = z.enum(['comment', 'label', 'code', 'pull_request'])
/** Id of one request. With it, decisions that were made before there was a run can be found from the run. */
const asked = z.string()

const token = z.object({
  purpose: z.enum(['host', 'read', 'write', 'checks', 'reader']),
  /** `owner/name`; or for a token for all repositories of an installation, the number of the installation. */
  reaches: z.string(),
  /** SHA-256 of the token in base64: what GitHub's own audit log calls `hashed_token`. */
  hashedToken: z.string(),
})

/** The facts of each kind of entry. A new field must be optional, so that old entries stay readable. */
const FACTS = {
  'service.started': z.object({
    role: z.string(),
    deployment: z.string(),
    sandbox: z.string(),
    /** Hash of all settings except the secrets among them. */
    settings: sha256,
  }),
  'service.paused': z.object({ reason: z.string(), stopRunning: z.boolean() }),
  'service.resumed': z.object({ reason: z.string() }),
  'request.authorised': z.object({
    trigger,
    repository,
    thread: count,
    asked,
    /** `prove_always`: the repository's settings ask for the proof, so the person needs no access. */
    rule: z.enum(['write_access', 'prove_always']),
    commands: z.array(z.string()).optional(),
  }),
  'request.refused': z.object({
    trigger,
    repository,
    thread: count.optional(),
    asked,
    /** `no_write_access`, or the name of the limit that was reached. */
    rule: z.string(),
  }),
  'request.repeated': z.object({
    asked,
    /**
     * `same_request`: a repeat of the same delivery or key. `same_task`: another request for what the run already does.
     */
    rule: z.enum(['same_request', 'same_task']),
  }),
  'run.requested': z.object({
    trigger,
    repository,
    thread: count.optional(),
    asked,
    prompt: textMark,
    title: textMark.optional(),
    tainted: z.boolean(),
    base: z.string().optional(),
    model: z.string().optional(),
    agent: z.string().optional(),
    budgetUsd: z.number().optional(),
    plan: z.boolean().optional(),
    continues: z.string().optional(),
  }),
  'run.steered': z.object({ asked, text: textMark }),
  'plan.approved': z.object({ plan: z.string(), asked }),
  'run.stop_asked': z.object({ reason: z.string() }),
  'run.started': z.object({ attempt: count }),
  'sandbox.opened': z.object({ provider: z.string(), sandbox: z.string(), resumed: z.boolean() }),
  'instructions.used': z.object({
    prompt: textMark,
    files: z.array(z.object({ path: z.string(), sha256 })),
    comments: count,
  }),
  'token.minted': token.extend({
    permissions: z.record(z.string(), z.string()),
    expiresAt: z.string(),
  }),
  'token.revoked': token.extend({ tries: count }),
  'token.not_revoked': token.extend({
    tries: count,
    /** True when there is no further try, so that the token lives until `expiresAt`. */
    final: z.boolean(),
    expiresAt: z.string(),
  }),
  'gate.passed': z.object({
    files: count,
    withheld: count,
    protected: count,
    draft: z.boolean(),
    reasons: z.array(z.string()),
  }),
  'gate.refused': z.object({
    code: z.string(),
    reasons: z.array(z.string()),
  }),
  'change.published': z.object({
    repository,
    base: z.string(),
    baseSha: z.string(),
    branch: z.string(),
    commit: z.string(),
    /** Number of files; absent when an earlier attempt made the commit. */
    files: count.optional(),
    pullRequest: count,
    draft: z.boolean(),
    credential: z.enum(['app', 'pat']),
  }),
  /** Number of events and texts of an attempt in which secrets were masked. */
  'text.masked': z.object({ texts: count }),
  'run.ended': z.object({
    status: z.enum(['succeeded', 'failed', 'cancelled']),
    /** For a run that succeeded, its outcome; for one that failed, its error code. */
    reason: z.string(),
  }),
  'api_token.created': z.object({
    name: z.string(),
    owner: z.string().optional(),
    repositories: z.array(z.string()),
    rights: z.array(z.string()),
    expiresAt: z.string().nullable(),
  }),
  'api_token.revoked': z.object({ name: z.string() }),
  'person.signed_in': z.object({}),
  /** `reason` is the code of the error that the person saw. */
  'person.not_signed_in': z.object({ reason: z.string() }),
  'person.signed_out': z.object({
    everywhere: z.boolean(),
    /** Number of the account, when an operator ended someone else's logins. */
    person: count.optional(),
  }),
  'share.made': z.object({ share: z.string(), expiresAt: z.string() }),
  'share.revoked': z.object({ share: z.string() }),
  'receipt_key.made': z.object({
    /** SHA-256 of the public key. */
    key: sha256,
    /** The key that was retired in its favour. */
    replaces: sha256.optional(),
  }),
  'receipt.issued': z.object({
    commit: z.string(),
    key: sha256,
    /** Hash of the receipt's envelope. */
    sha256,
  }),
  'database.restored': z.object({ writtenAt: z.string(), rows: count }),
  'log.pruned': z.object({
    /** Number of the last entry that was deleted. */
    through: count,
    /** Hash of that entry, on which the first remaining entry builds. */
    hash: sha256,
    entries: count,
  }),
} as const

export type AuditKind = keyof typeof FACTS

/** Who did something: a person on GitHub, the holder of an API token, the operator by a command, or Backspace itself. */
export type AuditActor = `person:${number | '?'}:${string}` | `token:${string}` | 'operator' | 'backspace'

/** What was decided or done: a kind, and the facts that belong to it. */
export type AuditFact = {
  [Kind in AuditKind]: { readonly kind: Kind; readonly facts: z.infer<(typeof FACTS)[Kind]> }
}[AuditKind]

/** A fact for the audit log, and the actor who is behind it. */
export type AuditEntry = AuditFact & {
  readonly actor: AuditActor
  readonly runId?: string | undefined
}

/** An entry as it is stored in the table. */
export interface StoredAuditEntry {
  readonly at: Date
  readonly runId: string | null
  readonly actor: string
  readonly kind: string
  readonly facts: unknown
}

export const personActor = ({
  id,
  login,
}: {
  readonly id?: number | undefined
  readonly login: string
}): AuditActor => `person:${id ?? '?'}:${login}`

/** @param name of the API token, never the token itself. */
export const tokenActor = (name: string): AuditActor => `token:${name}`

/** What an entry stores about a text that it must not contain. */
export function markText(text: string): z.infer<typeof textMark> {
  return { sha256: createHash('sha256').update(text).digest('hex'), characters: text.length }
}

/** Checks a stored entry; undefined if this version does not know its kind or its facts. */
export function parseAuditEntry({
  kind,
  facts,
}: Pick<StoredAuditEntry, 'kind' | 'facts'>): AuditFact | undefined {
  if (!isKind(kind)) return undefined
  const parsed = FACTS[kind].safeParse(facts)
  return parsed.success ? ({ kind, facts: parsed.data } as AuditFact) : undefined
}

function isKind(kind: string): kind is AuditKind {
  return Object.hasOwn(FACTS, kind)
}
