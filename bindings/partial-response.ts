/**
 * What the answer of a function that reports failures of single records says: the identifiers of those that failed; none when all is well;
 * undefined when it says nothing that could be understood, which counts as a failure of the whole batch (as recorded from AWS).
 */
export function failuresIn(payload: Uint8Array): readonly string[] | undefined {
  const value = jsonIn(payload)
  if (value === undefined) return undefined
  if (value === null || value === '') return []
  if (typeof value !== 'object' || Array.isArray(value)) return []
  const { batchItemFailures: failures } = value as { batchItemFailures?: unknown }
  if (failures === undefined || failures === null) return []
  if (!Array.isArray(failures)) return undefined
  const identifiers = failures.map((each: unknown) =>
    typeof each === 'object' && each !== null ? (each as { itemIdentifier?: unknown }).itemIdentifier : undefined,
  )
  return identifiers.every((each) => typeof each === 'string' && each !== '') ? (identifiers as string[]) : undefined
}

function jsonIn(payload: Uint8Array): unknown {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    // No JSON is an answer that cannot be understood.
    return undefined
  }
}
