import { createHash } from 'node:crypto'
import type { Run } from '../runs/run.ts'
import type { Verification } from '../runs/verification.ts'
import { type Redact, redactInTurns } from '../secrets/redact.ts'
import { cutText } from '../text/cut-text.ts'
import type { ReceiptDraft, RecordedCommand } from './statement.ts'

/** What the pipeline knows about a verified change before there is a commit. */
export interface ReceiptFacts {
  readonly run: Pick<Run, 'id' | 'request'>
  readonly repository: { readonly owner: string; readonly name: string; readonly id?: number | undefined }
  /** `https://github.com` */
  readonly webUrl: string
  /** The commit that the change starts from, and its tree. */
  readonly base: { readonly branch: string; readonly sha: string; readonly tree: string }
  readonly files: readonly ReceiptFile[]
  readonly verification: Verification
  /** Everything that was run for the verification, in order. */
  readonly commands: readonly RecordedCommand[]
  readonly sandbox: ReceiptDraft['sandbox']
  readonly models: readonly string[]
}

/** A file as the gate lets it through. */
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
const MOST_CHARACTERS = 4096

/** The part of a receipt that is known before there is a commit: JSON, without bytes of files, with secrets masked. */
export async function draftReceipt(facts: ReceiptFacts, redact: Redact): Promise<ReceiptDraft> {
  const { run, repository, webUrl, base, files, verification, commands, sandbox, models } = facts
  const { login, id, owner } = run.request.requester
  const { owner: account, name } = repository
  // Masks know nothing of digests, and need not: these are added below or consist of hexadecimal digits.
  const texts = await redactInTurns(
    {
      branch: base.branch,
      requester: { login, owner },
      paths: files.map(({ path, previousPath }) => ({ path, previousPath })),
      commands: commands
        .slice(0, MOST_COMMANDS)
        .map(({ folder, command }) => ({ folder, command: command.slice(0, 4 * MOST_CHARACTERS) })),
      verification,
      sandbox,
      models,
    },
    redact,
  )
  return {
    run: {
      id: run.id,
      trigger: run.request.trigger,
      requester: { ...texts.requester, id },
      models: texts.models,
    },
    repository: { url: `${webUrl}/${account}/${name}`, owner: account, name, id: repository.id },
    base: { branch: texts.branch, commit: base.sha, tree: base.tree },
    files: files
      .map(({ status, mode, bytes, sha }, index) => ({
        path: texts.paths[index]?.path ?? '',
        previousPath: texts.paths[index]?.previousPath,
        status,
        mode,
        digest: bytes === null || sha === null ? null : { sha256: sha256(bytes), gitBlob: sha },
      }))
      .sort((one, other) => (one.path < other.path ? -1 : 1)),
    verification: { ...texts.verification, baseSha: verification.baseSha, tree: verification.tree },
    commands: {
      count: commands.length,
      list: commands.slice(0, MOST_COMMANDS).map((command, index) => ({
        ...command,
        folder: texts.commands[index]?.folder ?? '',
        command: cutText(texts.commands[index]?.command ?? '', MOST_CHARACTERS),
      })),
    },
    sandbox: texts.sandbox,
  }
}

/**
 * What a receipt says about a command that was run.
 *
 * @param run.output masked and without colours, as the host keeps it.
 */
export function recordCommand(
  place: Pick<RecordedCommand, 'room' | 'purpose' | 'folder'>,
  run: Pick<RecordedCommand, 'command' | 'exitCode' | 'durationMs'> & { readonly output: string },
): RecordedCommand {
  const { command, exitCode, durationMs, output } = run
  const bytes = Buffer.from(output, 'utf8')
  const log = { sha256: sha256(bytes), bytes: bytes.length }
  const { room, purpose, folder } = place
  return { room, purpose, folder, command, exitCode, durationMs, log }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
