import { inlineCode } from '../../../text/markdown/fenced.ts'
import { linesNow } from '../change/around-line.ts'
import { type GuardedLine, type GuardFinding, indentOf, type KeptTest } from '../change/guarded-change.ts'

/** Matches a line that gives a setting of the program another value, in the common frameworks. */
const SETS =
  /\b(?:monkeypatch\.(?:setattr|setitem|setenv|delenv)|mocker\.patch(?:\.object|\.dict)?|override_settings|modify_settings|patch\.(?:dict|object)|vi\.stubEnv|(?:t|b)\.Setenv|os\.Setenv|std::env::set_var|stub_const|System\.setProperty|putenv|Config::set|config\(\s*\[)\s*\(?.{0,120}\b(?:settings?|config\w{0,20}|flags?|features?|options?|env\w{0,10}|ENABLED?|DISABLED?|[A-Z][A-Z\d]{1,30}_[A-Z\d_]{1,40})\b|^\s*(?:\w{1,40}\.){0,3}(?:settings?|config|flags?|features?|options?)\.\w{1,60}\s*=\s*(?:[Ff]alse|0|[Nn]one|null|nil|undefined|'off'|"off"|[Tt]rue)\s*;?\s*$|^\s*(?:process\.env\.\w{1,60}|os\.environ\[.{1,60}\]|ENV\[.{1,60}\])\s*=\s*.{1,60}$|^\s*\w{0,30}(?:\.\w{1,30}){0,2}\.(?:set|enable|disable|switch)\w{0,20}(?:Enabled|Disabled|Feature|Flag|Setting|Validation|Check)\w{0,20}\(/
/** Matches a line that gives the whole process another setting, in front of all tests of the file. */
const OF_PROCESS = /^(?:process\.env\.|os\.environ\[|ENV\[)/
const MOST_SHOWN = 2

/**
 * Notes existing tests that give a setting of the program another value while their assertions stay: what they assert may hold only
 * there.
 */
export function switchedSettings({ file, hunks, marks, removed }: KeptTest): readonly GuardFinding[] {
  const known = new Set(removed.map((line) => line.trim()))
  const found = hunks.flatMap((lines) =>
    switchesIn(linesNow(lines), { test: marks.test, assertion: marks.assertion, known }),
  )
  if (found.length === 0) return []
  const shown = found.slice(0, MOST_SHOWN).map((line) => inlineCode(line.trim(), 80))
  return [
    { text: `\`${file.path}\` tests with another setting than before: ${shown.join(', ')}`, weight: 'note' },
  ]
}

interface Marks {
  readonly test: RegExp
  readonly assertion: RegExp
  readonly known: ReadonlySet<string>
}

const BELOW = 40

function switchesIn(now: readonly GuardedLine[], { test, assertion, known }: Marks): readonly string[] {
  return now.flatMap(({ sign, text }, at) => {
    if (sign !== '+' || !SETS.test(text) || known.has(text.trim())) return []
    const below = now.slice(at + 1, at + 1 + BELOW)
    // The assertion has to be in the same test.
    const isForAll = indentOf(text) === 0 && OF_PROCESS.test(text)
    const end = isForAll ? -1 : below.findIndex((one) => test.test(one.text))
    const rest = below.slice(0, end === -1 ? undefined : end)
    return rest.some((one) => one.sign === ' ' && assertion.test(one.text)) ? [text] : []
  })
}
