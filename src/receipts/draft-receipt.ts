import { createHash } from 'node:crypto'
import type { Run } from '../runs/run.ts'
import type { Verification } from '../runs/verification.ts'
import { type Redact, redactInTurns } from '../secrets/redact.ts'
import { cutText } from '../text/cut-text.ts'
import { breathe } from '../time/breathe.ts'
import type { RecordedCommand } from './recorded-command.ts'
import type { ReceiptDraft } from './statement.ts'

/** The facts about a verified change that are known before there is a commit. */
export interface ReceiptFacts {
  readonly run: Pick<Run, 'id' | 'request'>
  readonly repository: { readonly owner: string; readonly name: string; readonly id?: number | undefined }
  /** `https://github.com` */
  readonly webUrl: string
  /** The commit that the change starts from, and its tree. */
  readonly base: { readonly branch: string; readonly sha: string; readonly tree: string }
  readonly files: readonly ReceiptFile[]
  readonly verification: Verification
  /** All commands of the verification, in order. */
  readonly commands: readonly RecordedCommand[]
  readonly sandbox: ReceiptDraft['sandbox']
  readonly models: readonly string[]
  /** The agents that worked, in order; undefined in runs of older versions. */
  readonly agents?: readonly string[] | undefined
}

/** A file that has passed the gate. */
interface ReceiptFile {
  readonly path: string
  readonly previousPath?: string | undefined
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  readonly mode: string
  /** Null for a deletion. */
  readonly bytes: Uint8Array | null
  /** Git blob id of `bytes`. */
  readonly sha: string | null
}

const MOST_COMMANDS = 500
/** The most names of tests under all commands together; counts and digests cover the rest. */
const MOST_NAMES = 200
const MOST_CHARACTERS = 4096

/** Drafts the part of a receipt that is known before there is a commit. It is JSON without contents of files, with secrets masked. */
export async function draftReceipt(facts: ReceiptFacts, redact: Redact): Promise<ReceiptDraft> {
  const { run, repository, webUrl, base, files, verification, commands, sandbox, models, agents } = facts
  const { login, id, owner } = run.request.requester
  const { owner: account, name } = repository
  const listed = withFewNames(commands.slice(0, MOST_COMMANDS))
  // Digests are added after masking or consist of hexadecimal digits, so masking cannot damage them.
  const texts = await redactInTurns(
    {
      branch: base.branch,
      requester: { login, owner },
      paths: files.map(({ path, previousPath }) => ({ path, previousPath })),
      commands: listed.map(({ folder, command, hunk, tests }) => {
        return { folder, command: command.slice(0, 4 * MOST_CHARACTERS), hunk, names: tests?.names }
      }),
      verification,
      sandbox,
      models,
    },
    redact,
  )
  const digests = await digestsOf(files)
  return {
    run: {
      id: run.id,
      trigger: run.request.trigger,
      requester: { ...texts.requester, id },
      models: texts.models,
      agent: agents?.join(', then ') ?? agentOf(models),
    },
    repository: { url: `${webUrl}/${account}/${name}`, owner: account, name, id: repository.id },
    base: { branch: texts.branch, commit: base.sha, tree: base.tree },
    files: files
      .map(({ status, mode }, index) => ({
        path: texts.paths[index]?.path ?? '',
        previousPath: texts.paths[index]?.previousPath,
        status,
        mode,
        digest: digests[index] ?? null,
      }))
      .sort((one, other) => (one.path < other.path ? -1 : 1)),
    verification: { ...texts.verification, baseSha: verification.baseSha, tree: verification.tree },
    commands: {
      count: commands.length,
      list: listed.map((recorded, index) => {
        const { folder = '', command = '', hunk, names = [] } = texts.commands[index] ?? {}
        const tests = recorded.tests && { ...recorded.tests, names }
        return { ...recorded, folder, command: cutText(command, MOST_CHARACTERS), hunk, tests }
      }),
    },
    sandbox: texts.sandbox,
  }
}

/** Computes digests. A change may have 64 MiB, so other work goes on in between. */
async function digestsOf(
  files: readonly ReceiptFile[],
): Promise<readonly ReceiptDraft['files'][number]['digest'][]> {
  const digests: ReceiptDraft['files'][number]['digest'][] = []
  for (const { bytes, sha } of files) {
    digests.push(bytes === null || sha === null ? null : { sha256: sha256(bytes), gitBlob: sha })
    await breathe()
  }
  return digests
}

function withFewNames(commands: readonly RecordedCommand[]): readonly RecordedCommand[] {
  let left = MOST_NAMES
  return commands.map((command) => {
    const { tests } = command
    if (tests === undefined) return command
    const names = tests.names.slice(0, left)
    left -= names.length
    return { ...command, tests: { ...tests, names } }
  })
}

function agentOf(models: readonly string[]): string | undefined {
  if (models.length === 0) return undefined
  return models.every((model) => model === 'dummy') ? 'dummy' : 'builtin'
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
