// Caches that hold so much and no more, and the key of a position in them.

/**
 * The key of plain data, such as a position of all sliders: equal for what is equal.
 * @param {unknown} data
 */
export function keyOf(data) {
  return JSON.stringify(data);
}

/**
 * Put a value into a cache as its newest; beyond `max` the oldest goes.
 * @template Key, Value
 * @param {Map<Key, Value>} cache
 * @param {Key} key
 * @param {Value} value
 * @param {number} max
 */
export function remember(cache, key, value, max) {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size > max) cache.delete(/** @type {Key} */ (cache.keys().next().value));
}
