import type { EnvironmentPlan } from '../../checks/environment/plan-environment.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'

// The lines are passed in the environment, in which a local sandbox translates paths of its home; it does not in stdin.
const LINK =
  'while read -r target && read -r link; do mkdir -p "$(dirname "$link")"; ln -sfn "$target" "$link"; done <<< "$PROGRAMS"'
const START = `while read -r path && read -r starts; do
mkdir -p "$(dirname "$path")"
printf '#!/bin/sh\\nexec %s "$@"\\n' "$starts" > "$path"
chmod +x "$path"
done <<< "$PROGRAMS"`

/**
 * Puts the programs of a plan into folders of its PATH.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when the run is cancelled.
 */
export async function placePrograms(
  sandbox: Sandbox,
  { links, starters }: Pick<EnvironmentPlan, 'links' | 'starters'>,
  signal: AbortSignal,
): Promise<void> {
  const pairs = [
    [LINK, links.map(({ target, link }) => `${target}\n${link}`)],
    [START, starters.map(({ path, starts }) => `${path}\n${starts}`)],
  ] as const
  for (const [script, lines] of pairs) {
    if (lines.length > 0) await sandbox.exec(script, { env: { PROGRAMS: lines.join('\n') }, signal })
    signal.throwIfAborted()
  }
}
