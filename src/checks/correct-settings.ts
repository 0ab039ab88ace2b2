import { isDeepStrictEqual } from 'node:util'
import { locateYaml } from '../text/parse-yaml.ts'
import { parseRepoSettings } from './repo-settings.ts'
import type { ProposedSettings } from './settings-proposal.ts'
import { settingsBlock } from './settings-text.ts'

/**
 * Writes the proposed `setup` and `checks` into the text of a settings file, and keeps every other line.
 *
 * @param proposed a key without commands keeps its lines in the file.
 * @returns the new text; undefined if nothing changes, or if the edit would change another setting.
 */
export function correctSettings(text: string, proposed: ProposedSettings): string | undefined {
  let corrected = text
  for (const key of ['setup', 'checks'] as const) {
    const lines = settingsBlock(key, proposed[key])
    if (lines.length === 0) continue
    const replaced = replaceKey(corrected, key, lines.join('\n'))
    if (replaced === undefined) return undefined
    corrected = replaced
  }
  return corrected !== text && saysTheSame(text, corrected, proposed) ? corrected : undefined
}

function replaceKey(text: string, key: string, block: string): string | undefined {
  try {
    const span = locateYaml(text).spanOf(key)
    if (span === undefined) return `${text.replace(/\n*$/, '\n')}\n${block}\n`
    const after = text.slice(span.to)
    // Drops the rest of the key's last line; a list already ends with its line.
    const rest = text[span.to - 1] === '\n' ? after : after.replace(/^[ \t]*(?:#[^\n]*)?\n?/, '')
    const old = text.slice(span.from, span.to).split('\n')
    const remarks = old.filter((line) => /^\s*#/.test(line) && !block.includes(line.trim()))
    return `${text.slice(0, span.from)}${[block, ...remarks].join('\n')}\n${rest}`
  } catch {
    return undefined
  }
}

/** Whether both texts mean the same, except for the two lists, which must be the proposed ones. */
function saysTheSame(before: string, after: string, { setup, checks }: ProposedSettings): boolean {
  const [old, now] = [before, after].map((text) => parseRepoSettings(text, ''))
  const named = (commands: ProposedSettings['checks']) => {
    const list = commands.filter(({ leftOut }) => leftOut === undefined).map(({ command }) => command)
    return list.length === 0 ? undefined : list
  }
  return isDeepStrictEqual(now, {
    ...old,
    setup: setup.length === 0 ? old?.setup : named(setup),
    checks: checks.length === 0 ? old?.checks : named(checks),
    problems: now?.problems,
  })
}
