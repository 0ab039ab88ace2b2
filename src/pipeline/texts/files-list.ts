import {
  joinSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import { showPath } from '../../text/show-path.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { steeringOf } from '../gate/steering.ts'

/** The published files for a reviewer. Those that steer people or programs come first, under their own heading. */
export function filesList(files: readonly ChangedFile[], most: number): SafeMarkdown {
  const steering = new Map(files.map((file) => [file, steeringOf(file)]))
  const first = files.filter((file) => steering.get(file)?.length !== 0)
  const others = listFiles(
    files.filter((file) => !first.includes(file)),
    most,
  )
  if (first.length === 0) return others
  const lines = first.slice(0, most).map((file) => {
    const whats = (steering.get(file) ?? []).map(({ what }) => what)
    return safeMarkdown`- ${describe(file)}: ${joinSafe([...new Set(whats)], '; ')}`
  })
  const heading = safeMarkdown`**Look at these first: they take effect before a person has read them**`
  const more = others === '' ? NOTHING : safeMarkdown`**Other files**\n\n${others}`
  const cut = first.length > most ? safeMarkdown`- and ${first.length - most} more` : NOTHING
  return joinSafe([heading, joinSafe([...lines, cut], '\n'), more], '\n\n')
}

function listFiles(files: readonly ChangedFile[], most: number): SafeMarkdown {
  const lines = files.slice(0, most).map((file) => safeMarkdown`- ${describe(file)}`)
  const more = files.length - lines.length
  return joinSafe([...lines, more > 0 ? safeMarkdown`- and ${more} more` : NOTHING], '\n')
}

function describe(file: ChangedFile): SafeMarkdown {
  const { path, previousPath, status, additions, deletions, binary, mode, previousMode } = file
  const name =
    previousPath === undefined ? showPath(path) : safeMarkdown`${showPath(previousPath)} → ${showPath(path)}`
  const isUntouched = !binary && additions === 0 && deletions === 0
  const facts = [
    status === 'modified' ? '' : status,
    binary ? 'binary' : '',
    binary || isUntouched ? '' : `+${additions} −${deletions}`,
    isUntouched && status === 'added' ? 'empty' : '',
    isUntouched && status === 'modified' ? modeChange(mode) : '',
    !isUntouched && isModeChange(mode, previousMode) ? modeChange(mode) : '',
    mode === '120000' ? 'symbolic link' : '',
    mode === '100755' && status === 'added' ? 'executable' : '',
  ].filter((fact) => fact !== '')
  return facts.length === 0 ? name : safeMarkdown`${name} (${ownWords(facts.join(', '))})`
}

function isModeChange(mode: string, previous: string | undefined): boolean {
  return previous?.startsWith('100') === true && mode.startsWith('100') && mode !== previous
}

/** Describes a new file mode. */
function modeChange(mode: string): string {
  switch (mode) {
    case '100755':
      return 'now executable'
    case '100644':
      return 'no longer executable'
    default:
      return `mode ${mode}`
  }
}
