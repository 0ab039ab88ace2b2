import { BackspaceError } from '../../errors.ts'
import type { ExecResult, NextCommand } from '../../sandbox/sandbox.ts'
import { LOOK, LOOK_ANSWER, lookEnvironment, requireNoPipes } from '../workspace/look-script.ts'
import { readAnswer } from '../workspace/read-answer.ts'
import { sameAs } from '../workspace/tree-watch.ts'
import { runInSandbox, type Workspace } from '../workspace/workspace.ts'

interface PatchRequest {
  /** Tree id of the stored checkpoint. */
  readonly known: string
  readonly maxBytes: number
}

/** `same`: the files have the known tree. `too_large`: the patch exceeds `maxBytes`. */
export type ReadPatch =
  | { readonly kind: 'same' | 'too_large' }
  | { readonly kind: 'patch'; readonly tree: string; readonly patch: Uint8Array }

/** Examines the workspace in the same way as `listChanges`, so that a checkpoint holds exactly what would be collected. */
const READ_SCRIPT = `${LOOK}${LOOK_ANSWER}
echo "$looked"
if [ "$tree" = "$KNOWN" ]; then exit 0; fi
code=0
( ulimit -c 0 -f "$KILOBYTES"
  exec git diff-tree -r -p --binary --full-index --no-renames --no-ext-diff --no-textconv --no-color \\
    --src-prefix=a/ --dst-prefix=b/ "$TREE" "$tree" > "$s/patch" ) || code=$?
case $code in 0) answer "$s/patch" ;; 153) echo too_large ;; *) exit "$code" ;; esac
`

/** The command that reads the difference from the base commit. It can run as the `next` of another command. */
export function patchCommand(
  workspace: Workspace,
  { known, maxBytes }: PatchRequest,
): NextCommand & { readonly shell: 'host' } {
  return {
    command: READ_SCRIPT,
    shell: 'host',
    timeoutMs: 120_000,
    env: {
      ...lookEnvironment(workspace),
      ANSWER: answerIn(workspace),
      KNOWN: known,
      KILOBYTES: String(Math.ceil(maxBytes / 1024) + 1),
    },
  }
}

function answerIn({ gitDir }: Workspace): string {
  return `${gitDir}/checkpoint.patch`
}

/**
 * Reads the difference from the base commit. To the host it is opaque: the host never runs git on it.
 *
 * @param options.ridden the result of `patchCommand` for the same request, if it ran after another command.
 * @throws {BackspaceError} `tree_mismatch` when git in the sandbox fails.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function readPatch(
  workspace: Workspace,
  {
    known,
    maxBytes,
    signal,
    ridden,
  }: PatchRequest & { readonly signal: AbortSignal; readonly ridden?: ExecResult | undefined },
): Promise<ReadPatch> {
  const { watch } = workspace
  signal.throwIfAborted()
  if (!ridden && sameAs(watch, known) !== undefined) return { kind: 'same' }
  const done = watch?.beginLook()
  const rode = ridden?.outcome === 'exited' && ridden.exitCode === 0
  const printed = rode ? ridden.stdout : await readNow(workspace, { known, maxBytes }, signal)
  requireNoPipes(printed)
  const [head = '', given = ''] = printed.split('\n')
  const [tree = ''] = head.split(' ')
  // A patch is missing where one is needed: the result may belong to another request.
  if (!/^[0-9a-f]{40}$/.test(tree) || (given === '' && tree !== known)) {
    if (rode) return readPatch(workspace, { known, maxBytes, signal })
    throw new BackspaceError(
      'tree_mismatch',
      'Git in the sandbox gave an unreadable answer about the workspace. Try again.',
    )
  }
  done?.(head)
  if (tree === known) return { kind: 'same' }
  if (given === 'too_large') return { kind: 'too_large' }
  const patch = await readAnswer(workspace.sandbox, given, { path: answerIn(workspace), signal })
  return patch.length > maxBytes ? { kind: 'too_large' } : { kind: 'patch', tree, patch }
}

function readNow(workspace: Workspace, request: PatchRequest, signal: AbortSignal): Promise<string> {
  const { command, ...options } = patchCommand(workspace, request)
  return runInSandbox(workspace.sandbox, command, {
    ...options,
    signal,
    code: 'tree_mismatch',
    failure: 'The workspace could not be compared with its commit.',
  })
}
