// Measures, inside the page and in the same way for every widget, when a picture shows a new state.
//   probe.watch(element)        repaints are from now on those of this element, while it holds a picture
//   await probe.pressed()       [milliseconds from the next keydown to the change, to the start of the frame that shows
//                               it, to the end of that frame]
//   probe.start(), probe.stop() the times at which frames with a change began in between
window.probe = (() => {
  let frames = [];
  let waiting = null;
  let keydown = 0;
  let changed = 0;
  let observer = null;

  document.addEventListener("keydown", (event) => { if (waiting && !keydown) keydown = event.timeStamp; }, true);

  const frameBegins = () => {
    const began = performance.now();
    frames.push(began);
    const channel = new MessageChannel(); // its message is handled once the frame is drawn
    channel.port1.onmessage = () => frameEnds(began);
    channel.port2.postMessage(0);
  };
  const frameEnds = (began) => {
    if (waiting && keydown) {
      waiting([changed, began, performance.now()].map((time) => time - keydown));
      waiting = null;
    }
    keydown = changed = 0;
  };

  const notice = (element) => {
    if (changed || !element.querySelector("svg, img, canvas")) return;
    changed = performance.now();
    requestAnimationFrame(frameBegins);
  };
  const watchCanvas = (element) => { // painting on a canvas changes nothing that a MutationObserver could see
    const paint = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...args) {
      paint.apply(this, args);
      if (element.contains(this.canvas)) notice(element);
    };
  };

  return {
    watch(element) {
      observer?.disconnect();
      watchCanvas(element);
      observer = new MutationObserver(() => notice(element));
      observer.observe(element, { childList: true, characterData: true, subtree: true });
    },
    pressed() {
      keydown = 0;
      return new Promise((resolve) => { waiting = resolve; });
    },
    start() { frames = []; },
    stop: () => frames,
  };
})();
