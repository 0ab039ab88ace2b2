/** `backspace-20261122T030000123Z.jsonl.gz`: sorted by name they are sorted by age. */
export function backupName(at: Date): string {
  return `backspace-${at.toISOString().replace(/[-:.]/g, '')}.jsonl.gz`
}
