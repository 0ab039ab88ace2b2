import { isUtf8 } from 'node:buffer'
import type { ChangesCollectedEvent } from '../../runs/run-event.ts'

type ChangedFile = ChangesCollectedEvent['files'][number]

const MAX_DIFF_CHARACTERS = 256 * 1024

/** A checkpoint's patch for people; empty when it is not text. It comes from a sandbox: shown, never applied here. */
export function patchText(patch: Uint8Array): string {
  return isUtf8(patch) ? new TextDecoder().decode(patch) : ''
}

/** What a checkpoint holds, as it is shown in a run that can no longer collect it; undefined when that is nothing. */
export function describePatch(patch: Uint8Array): ChangesCollectedEvent | undefined {
  const parts = patchText(patch)
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
  if (parts.length === 0) return undefined
  let diff = ''
  for (const [index, part] of parts.entries()) {
    const shown = withoutBinary(part)
    if (diff.length + shown.length > MAX_DIFF_CHARACTERS) {
      diff += `(the diffs of ${parts.length - index} more files are not shown)\n`
      break
    }
    diff += shown
  }
  return { type: 'changes.collected', files: parts.map(describeFile), diff }
}

function describeFile(part: string): ChangedFile {
  const lines = part.split('\n')
  const body = lines.slice(lines.findIndex((line) => line.startsWith('@@')))
  const hunks = part.includes('\n@@ ') ? body : []
  return {
    path: pathOf(lines[0] ?? ''),
    status: statusOf(part),
    additions: hunks.filter((line) => line.startsWith('+')).length,
    deletions: hunks.filter((line) => line.startsWith('-')).length,
  }
}

/** Both names are the same, since the patch is made without renames: `diff --git a/src/x.ts b/src/x.ts`. */
function pathOf(header: string): string {
  const names = header.slice('diff --git '.length)
  const name = names.slice(0, (names.length - 1) / 2)
  return name.replace(/^"?a\//, '').replace(/"$/, '')
}

function statusOf(part: string): ChangedFile['status'] {
  if (/^new file mode /m.test(part)) return 'added'
  return /^deleted file mode /m.test(part) ? 'deleted' : 'modified'
}

function withoutBinary(part: string): string {
  const at = part.indexOf('\nGIT binary patch\n')
  return at === -1 ? part : `${part.slice(0, at)}\n(binary)\n`
}
