import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'

/** A changed file with one hunk: lines with their signs. */
export function guarded(
  path: string,
  lines: readonly string[],
  rest: Partial<GuardedFile> = {},
): GuardedFile {
  const body = `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n${lines.join('\n')}\n`
  return { path, status: 'modified', diff: `diff --git a/${path} b/${path}\n${body}`, ...rest }
}
