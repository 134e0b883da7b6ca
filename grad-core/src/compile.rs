//! The whole way from a primal to the text of its derivatives, in one place for the macro and the command.

use crate::ad::{self, Mode};
use crate::diagnostic::{Origin, Problem};
use crate::emit::{self, ArgForm, Interface, Request, ResultForm};
use crate::ir::{Body, Function};
use crate::opt;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The active parameters, by their places.
    pub wrt: Vec<usize>,
    /// What the generated names begin with.
    pub prefix: String,
    /// How the gradient is computed.
    pub mode: Mode,
    /// The primal itself is printed too.
    pub primal: bool,
    /// `NAME_grad`, and `NAME_grad_into` where an active parameter is a slice.
    pub gradient: bool,
    /// `NAME_forward` and `NAME_backward`.
    pub split: bool,
    /// `NAME_jvp`
    pub jvp: bool,
    /// `NAME_hessian`
    pub hessian: bool,
    /// Gives the text of grad-math functions, where the output must stand alone.
    pub embed: Option<fn(&[&str], &str) -> String>,
}

/// The text of the derivatives of `primal`, as rustfmt leaves it.
///
/// # Errors
/// Those of [`crate::ad`] and of the emitter.
pub fn compile(primal: &Function, interface: &Interface, options: &Options) -> Result<String, Problem> {
    let primal = opt::prepare(primal);
    let wrt = &options.wrt;
    let part = |wanted: bool, f: &dyn Fn() -> Result<Function, Problem>| -> Result<Option<Function>, Problem> {
        if wanted { Ok(Some(opt::optimise(&f()?))) } else { Ok(None) }
    };
    let gradient = part(options.gradient, &|| ad::gradient_of_first(&primal, wrt, options.mode))?;
    let jvp = part(options.jvp, &|| ad::jvp(&primal, wrt))?;
    let hessian = part(options.hessian, &|| ad::hessian(&primal, wrt))?;
    let split = if options.split {
        let lost: Vec<usize> = interface.results.iter().filter_map(ResultForm::out).collect();
        let split = ad::split(&primal, wrt, &lost)?;
        Some(ad::Split { forward: opt::optimise(&split.forward), backward: opt::optimise(&split.backward), ..split })
    } else {
        None
    };
    // A caller's buffer saves an allocation where the gradient would be a vector.
    let buffers = wrt.iter().any(|k| interface.params[*k].owned.contains("Vec<"));
    let whole = options.primal.then(|| opt::optimise(&primal));
    emit::derivative(&Request {
        interface,
        prefix: &options.prefix,
        wrt,
        primal: whole.as_ref(),
        gradient: gradient.as_ref(),
        into: gradient.as_ref().filter(|_| buffers),
        split: split.as_ref(),
        jvp: jvp.as_ref(),
        hessian: hessian.as_ref(),
        embed: options.embed,
    })
}

/// Whether a body's results come from a parameter.
fn reads(body: &Body, k: usize) -> bool {
    let param = body.params[k];
    let mut needed = vec![false; body.nodes.len()];
    body.results.iter().for_each(|r| needed[r.index()] = true);
    for id in body.ids().rev() {
        if needed[id.index()] {
            body.node(id).op.operands(|x| needed[x.index()] = true);
        }
    }
    needed[param.index()]
}

/// `x`, `y` and `z`
fn listed(args: &[ArgForm]) -> String {
    let names: Vec<String> = args.iter().map(|a| format!("`{}`", a.name)).collect();
    match names.as_slice() {
        [] => "none".to_string(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The places of the active parameters: those of the arguments named, or every float one but those that are only written
/// (`outs` are written, and may be read before).
///
/// # Errors
/// For a name that is no parameter, or one of a parameter that is not of floats; `at` says where a name is written.
pub fn active(
    f: &Function,
    args: &[ArgForm],
    outs: &[usize],
    named: Option<&[(String, Origin)]>,
) -> Result<Vec<usize>, Vec<Problem>> {
    let Some(named) = named else {
        let floats = (0..f.params.len()).filter(|k| f.param_type(*k).is_float());
        if outs.is_empty() {
            return Ok(floats.collect());
        }
        let prepared = opt::prepare(f);
        return Ok(floats.filter(|k| !outs.contains(k) || reads(&prepared.body, *k)).collect());
    };
    let mut problems = Vec::new();
    let mut wrt = Vec::new();
    for (name, at) in named {
        let arg = args.iter().find(|a| *a.name == **name);
        let floats = |arg: &ArgForm| {
            let params = arg.form.params().into_iter();
            params.filter(|k| f.param_type(*k).is_float()).collect::<Vec<usize>>()
        };
        match arg.map(floats).as_deref() {
            None => {
                let names = args.iter().map(|a| &*a.name);
                let problem = Problem::new(*at, format!("there is no parameter `{name}`"));
                problems.push(match crate::diagnostic::did_you_mean(name, names) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help(format!("the parameters are {}", listed(args))),
                });
            }
            Some([]) => {
                let problem = Problem::new(*at, format!("`{name}` is not a float: it has no derivative"));
                problems.push(problem.help("leave it out of `wrt`, or take it as a float"));
            }
            Some([k, ..]) if wrt.contains(k) => {
                problems.push(Problem::new(*at, format!("`{name}` is named twice")).help("name it once"));
            }
            Some(those) => wrt.extend(those),
        }
    }
    if problems.is_empty() { Ok(wrt) } else { Err(problems) }
}
