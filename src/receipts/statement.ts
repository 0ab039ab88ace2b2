import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import type { Verification } from '../runs/verification.ts'
import { verificationBody } from '../runs/verification-body.ts'
import { recordedCommand } from './recorded-command.ts'

/**
 * The type of the predicate. Backspace owns no domain, and only a name in `urn:uuid` (RFC 9562) is unique without
 * registration. docs/proof.md describes the predicate. An incompatible version gets another fragment.
 */
const PREDICATE_TYPE = 'urn:uuid:f25772ac-7ba1-4acb-bbca-fe4b47ceaf9e#backspace-receipt-v1'
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'

/** A git id: SHA-1 or SHA-256, depending on the repository. */
const gitId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.number().int().nonnegative()
const time = z.iso.datetime()

const file = z.object({
  path: z.string(),
  /** Only for `renamed`: the earlier path. */
  previousPath: z.string().optional(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed']),
  /** Git's file mode, six octal digits; `000000` for a deletion. */
  mode: z.string(),
  /** Digests of the contents; null for a deletion. */
  digest: z.object({ sha256, gitBlob: gitId }).nullable(),
})

const repository = z.object({
  /** Address on GitHub. */
  url: z.string(),
  owner: z.string(),
  name: z.string(),
  /** GitHub's id, which survives renames. */
  id: count.optional(),
})

const run = z.object({
  id: z.string(),
  trigger: z.string(),
  requester: z.object({
    /** GitHub login, or the name of the API token. */
    login: z.string(),
    id: count.optional(),
    /** GitHub login of the person behind an API token. */
    owner: z.string().optional(),
  }),
  /** `provider:id`, or `dummy`; empty if no model took part. */
  models: z.array(z.string()).readonly(),
  /** `builtin`, or `claude-code, then builtin`; absent if no agent took part. */
  agent: z.string().optional(),
})

/** The part that is known before there is a commit. It is stored with the publish plan, so its format must stay readable. */
export const receiptDraft = z.object({
  run,
  repository,
  base: z.object({ branch: z.string(), commit: gitId, tree: gitId }),
  files: z.array(file).readonly(),
  verification: verificationBody,
  commands: z.object({ count, list: z.array(recordedCommand).readonly() }),
  sandbox: z.object({
    kind: z.string(),
    /** E2B template; absent for the operator's own. */
    template: z.string().optional(),
    /** Version of git in the sandbox. */
    git: z.string().optional(),
  }),
})
export type ReceiptDraft = WithVerification<z.infer<typeof receiptDraft>>

type WithVerification<T> = Omit<T, 'verification'> & { readonly verification: Verification }

const predicate = z.object({
  format: z.literal(1),
  issuedAt: time,
  service: z.object({ name: z.literal('Backspace'), version: z.string(), node: z.string() }),
  run: run.extend({
    /** Page of the run. */
    url: z.string().optional(),
  }),
  repository,
  base: receiptDraft.shape.base,
  head: z.object({ branch: z.string(), commit: gitId, tree: gitId, pullRequest: count.optional() }),
  files: receiptDraft.shape.files,
  verification: verificationBody,
  commands: receiptDraft.shape.commands,
  sandbox: receiptDraft.shape.sandbox,
})

/** An in-toto statement: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
const statement = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([
    z.object({ name: z.literal('commit'), uri: z.string(), digest: z.object({ gitCommit: gitId }) }),
    z.object({ name: z.literal('tree'), digest: z.object({ gitTree: gitId }) }),
  ]),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate,
})
export type Statement = z.infer<typeof statement>
export type Predicate = WithVerification<z.infer<typeof predicate>>

/**
 * The bytes to sign. Equal facts give equal bytes, since fields are written in the order of the schema.
 *
 * @throws {BackspaceError} `tree_mismatch` unless the verification is of this commit and its base.
 */
export function writeStatement(facts: Predicate): Buffer {
  const { repository, head } = facts
  const made = statement.parse({
    _type: STATEMENT_TYPE,
    subject: [
      { name: 'commit', uri: `git+${repository.url}@${head.commit}`, digest: { gitCommit: head.commit } },
      { name: 'tree', digest: { gitTree: head.tree } },
    ],
    predicateType: PREDICATE_TYPE,
    predicate: facts,
  })
  if (!isConsistent(made)) throw new BackspaceError('tree_mismatch', 'A receipt would contradict itself.')
  return Buffer.from(JSON.stringify(made), 'utf8')
}

const anyStatement = z.object({ _type: z.string(), predicateType: z.string() })

interface NoStatement {
  /** Why the statement cannot be read, as the rest of a sentence. */
  readonly problem: string
  /** True if a newer version may be able to read it. */
  readonly isNewer: boolean
}

/** Reads a statement from signed bytes. */
export function readStatement(bytes: Uint8Array): Statement | NoStatement {
  const value = parseExactly(bytes)
  const any = anyStatement.safeParse(value)
  if (!any.success || any.data._type !== STATEMENT_TYPE) return none('it holds no in-toto statement')
  if (any.data.predicateType !== PREDICATE_TYPE) {
    return none(`it is about something else (${any.data.predicateType.slice(0, 200)})`)
  }
  const read = statement.safeParse(value)
  if (!read.success) {
    const [issue] = read.error.issues
    const field = issue?.path.join('.') ?? ''
    return {
      problem: `this version of Backspace cannot read its field ${field}: use a newer one`,
      isNewer: true,
    }
  }
  return isConsistent(read.data) ? read.data : none('it contradicts itself about which commit it describes')
}

/** Whether a statement agrees with itself: commit, tree and base occur twice, once for generic readers and once as facts. */
function isConsistent({ subject, predicate }: Statement): boolean {
  const [{ digest: commit }, { digest: tree }] = subject
  const { head, base, verification } = predicate
  return (
    commit.gitCommit === head.commit &&
    tree.gitTree === head.tree &&
    verification.tree === head.tree &&
    verification.baseSha === base.commit
  )
}

function none(problem: string): NoStatement {
  return { problem, isNewer: false }
}

/** Parses JSON only if it is unambiguous: no key occurs twice, and parsing loses no byte. */
function parseExactly(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}
