import { inlineCode } from '../../../text/markdown/fenced.ts'
import { testMarks } from '../../test-marks.ts'
import type { GuardFinding, ReadFile } from '../change/guarded-change.ts'

const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Armenian}ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο\uff21-\uff3a\uff41-\uff5a]/u
const WORD = /[\p{L}\p{N}_$]{2,100}/gu
const LATIN = /[A-Za-z]/
const TEXT =
  /"(?:[^"\\]|\\.){0,500}"|'(?:[^'\\]|\\.){0,500}'|`(?:[^`\\]|\\.){0,500}`|\/(?![/*])(?:[^/\\]|\\.){1,300}\/[a-z]*/g
const COMMENT = /(?:\/\/|#(?![[!])|\/\*|^\s*\*|--\s).*$/

/** Reports names in code that mix letters of two scripts, so that they look like another name. */
export function lookalikes({ file, role, added, removed }: ReadFile): readonly GuardFinding[] {
  if (file.status === 'deleted' || role === 'text' || testMarks(file.path) === undefined) return []
  const known = new Set(removed.flatMap(mixedNames))
  const fresh = added.flatMap(mixedNames).find((name) => !known.has(name))
  return fresh === undefined
    ? []
    : [
        {
          text: `\`${file.path}\` mixes letters of two scripts in one name: ${inlineCode(fresh, 60)}`,
          weight: 'reason',
        },
      ]
}

function mixedNames(line: string): readonly string[] {
  if (!FOREIGN.test(line)) return []
  const code = line.replace(TEXT, '""').replace(COMMENT, '')
  return (code.match(WORD) ?? []).filter((word) => FOREIGN.test(word) && LATIN.test(word))
}
