// The contract of Unity's loaders: load framework, data and code, tell how far that is, and make an instance.
function createUnityInstance(canvas, config, onProgress) {
  const report = (fraction) => onProgress && onProgress(fraction);
  const file = async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(url + " answers " + response.status);
    return response;
  };
  const framework = () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = config.frameworkUrl;
    script.onload = () => resolve(window.unityFramework);
    script.onerror = () => reject(new Error("Unable to load " + config.frameworkUrl));
    document.body.appendChild(script);
  });
  return (async () => {
    report(0);
    const data = await (await file(config.dataUrl)).json();
    report(0.3);
    const make = await framework();
    if (!make) throw new Error("Unable to parse " + config.frameworkUrl + ": check that the server sends Content-Encoding");
    report(0.6);
    // Insists, as Unity's loader does where it can, on application/wasm.
    const { instance } = await WebAssembly.instantiateStreaming(file(config.codeUrl), {});
    report(0.9);
    const game = make({ canvas, code: instance.exports, data });
    report(1);
    return { SendMessage: game.SendMessage, SetFullscreen() {}, Quit: async () => {} };
  })();
}
