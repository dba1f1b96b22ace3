//! Arabic: what the server refuses. What no word is known for stands in the server's own.

use common::command::{RowCode, RowResult};
use common::intent::{Precondition, PreconditionFact as Fact};

use super::glossary::{NODE, iso, nom, number};
use crate::components::format;
use crate::i18n::en_pages::refusals::{RefusalWords, Seen};

fn title(code: &str) -> Option<&'static str> {
    Some(match code {
        "unauthenticated" => "سجّل الدخول",
        "wrong_password" => "تعذّر تسجيل الدخول",
        "too_many_attempts" => "محاولات كثيرة",
        "role_too_low" | "out_of_scope" => "لا يسمح دورك بهذا",
        "not_found" | "job_unknown" => "غير موجود",
        "invalid" => "قيم غير صحيحة",
        "version_needed" | "version_stale" => "تغيّر في الأثناء",
        "unavailable" => "قاعدة البيانات لا تستجيب",
        "busy" => "الخادم المركزي مشغول",
        "internal" => "فشل في الخادم المركزي",
        "region_exists" => "المنطقة موجودة من قبل",
        "endpoint_taken" => "نقطة النهاية مستخدمة",
        "external_id_taken" => "المعرّف الخارجي مستخدم",
        "secret_taken" => "السرّ مستخدم",
        "guard" | "delete_refused" | "not_open" => "لم يُنفَّذ",
        "not_live" | "too_many_commands" | "already_asked" | "already_requested" => "لم يُقبل الأمر",
        "job_active"
        | "run_ended"
        | "background_missing"
        | "background_never_seen"
        | "background_unreachable"
        | "background_unconfirmed"
        | "background_keys_differ"
        | "background_maintenance"
        | "background_disabled" => "لم تُنفَّذ المهمة",
        "idempotency_in_flight" => "الطلب قيد التنفيذ",
        "confirmation_needed" => "أكّد بكلمة مرورك",
        "last_admin" | "own_account" | "account_disabled" => "لم يُنفَّذ",
        "email_taken" => "العنوان مستخدم",
        "link_used" => "لم يعد الرابط يعمل",
        "name_taken" => "الاسم مستخدم",
        "too_many_webhooks" | "webhook_off" | "webhook_full" => "لم يُنفَّذ",
        "too_soon" => "انتظر لحظة",
        "session_needed" | "network_not_allowed" => "غير مسموح به",
        "csrf" | "origin" => "طلب من مصدر آخر",
        _ => return None,
    })
}

fn detail(code: &str) -> Option<&'static str> {
    Some(match code {
        "unauthenticated" => "سجّل الدخول للمتابعة.",
        "wrong_password" => "البريد الإلكتروني أو كلمة المرور غير صحيح.",
        "too_many_attempts" => "محاولات كثيرة. حاول مجددًا بعد قليل.",
        "role_too_low" => "يتطلب هذا دورًا أعلى من دورك.",
        "out_of_scope" => "لا يسمح حسابك بتغيير هذه المنطقة.",
        "not_found" => "لم يعد ما طلبته موجودًا، أو كُتب عنوانه خطأً.",
        "job_unknown" => "لا تقدّم عقدة الخلفية هذه المهمة.",
        "invalid" => "صحّح الحقول المذكورة ثم أرسل مجددًا.",
        "version_needed" | "version_stale" => "غيّر شخص آخر هذا في الأثناء. أعد تحميله ثم حاول مجددًا.",
        "unavailable" => "قاعدة البيانات لا تستجيب. حاول مجددًا بعد لحظة.",
        "busy" => "الخادم المركزي مشغول. حاول مجددًا بعد لحظة.",
        "internal" => "حدث فشل في الخادم المركزي. سببه في سجله.",
        "region_exists" => "توجد منطقة بهذا المعرّف.",
        "endpoint_taken" => "عقدة أخرى مسجّلة بنقطة النهاية هذه.",
        "external_id_taken" => "لعقدة أخرى هذا المعرّف الخارجي.",
        "secret_taken" => "هذا السرّ مستخدم من قبل. اختر غيره.",
        "guard" => "يعترض الوضع الآن على ذلك. اقرأ ما سيحدث ثم أكّد.",
        "delete_refused" => "لم يتحقق بعد كل ما يلزم للحذف.",
        "not_open" => "لم يعد الأمر مفتوحًا.",
        "not_live" => "العقدة غير نابضة، فلا تسمع الأمر.",
        "too_many_commands" => "لدى العقدة أقصى عدد من الأوامر المفتوحة. اسحب أحدها.",
        "already_asked" | "already_requested" => "طُلب ذلك من العقدة من قبل.",
        "job_active" => "هذه المهمة قيد التنفيذ الآن.",
        "run_ended" => "انتهى هذا التنفيذ.",
        "background_missing" => "سجّل عقدة الخلفية أولًا.",
        "background_never_seen" => "لم ترسل عقدة الخلفية نبضة بعد. شغّلها بإعداداتها.",
        "background_unreachable" => "عقدة الخلفية غير متصلة.",
        "background_unconfirmed" => "لا يمكن الحكم بعد هل تعمل عقدة الخلفية.",
        "background_keys_differ" => "لدى عقدة الخلفية مفتاح غير المحفوظ هنا.",
        "background_maintenance" => "عقدة الخلفية في الصيانة ولا تقبل عملًا جديدًا.",
        "background_disabled" => "عقدة الخلفية معطّلة.",
        "confirmation_needed" => "أدخل كلمة مرورك مرة أخرى أولًا.",
        "last_admin" => "هذا آخر حساب يجوز له كل شيء. اجعل شخصًا آخر مديرًا لكل المناطق أولًا.",
        "own_account" => "هذا حسابك. يمكن لمدير آخر تغيير دوره ومناطقه أو تعطيله أو حذفه.",
        "account_disabled" => "هذا الحساب معطّل. فعّله أولًا.",
        "email_taken" => "لشخص آخر حساب بهذا العنوان.",
        "link_used" => "استُخدم هذا الرابط أو انتهت مدته. اطلب رابطًا آخر من أحد المديرين.",
        "name_taken" => "لخطاف ويب آخر هذا الاسم.",
        "too_many_webhooks" => "لا يُنشأ أكثر من 50 خطاف ويب. احذف أحدها أولًا.",
        "webhook_full" => "تنتظر خطافَ الويب 10,000 رسالة، ولا يُقبل المزيد حتى يُرسَل بعضها.",
        "webhook_off" => "خطاف الويب متوقف ولا يرسل شيئًا. شغّله أولًا.",
        "too_soon" => "اختبار واحد كل ثانيتين. حاول مجددًا بعد لحظة.",
        "session_needed" => "هذا لمن سجّل الدخول؛ لا يفعله رمز وصول.",
        "network_not_allowed" => "لا يجوز استخدام هذا الرمز من عنوانك.",
        "idempotency_in_flight" => "الطلب نفسه ما زال قيد التنفيذ. انتظر جوابه.",
        _ => return None,
    })
}

/// What depends on the field.
fn own(pointer: &str, code: &str) -> Option<&'static str> {
    Some(match (pointer, code) {
        ("/name", "required") => "أدخل اسمًا للمنطقة، مثل \u{2068}us-east-1\u{2069}.",
        ("/name", "too_long") => "اسم المنطقة 32 حرفًا على الأكثر.",
        ("/endpoint", "required") => "أدخل العنوان، مثل \u{2068}http://10.0.0.5:5002\u{2069}.",
        ("/endpoint", "too_long") => "العنوان أطول من 300 حرف.",
        ("/sipPort", "out_of_range") => "منفذ SIP رقم من 1 إلى 65535.",
        ("/maxConcurrentCalls", "out_of_range") => "رقم من 1 إلى 100,000.",
        ("/externalId", "characters") => "من 1 إلى 64 حرفًا لاتينيًا مطبوعًا.",
        ("/reason" | "/privateReason", "required") => "اذكر السبب في 1 إلى 500 حرف.",
        ("/email", "required") => "أدخل بريدك الإلكتروني.",
        ("/email", "email") => "أدخل عنوانًا، مثل \u{2068}name@example.org\u{2069}.",
        ("/email", "email_taken") => "لشخص آخر حساب بهذا العنوان.",
        ("/regionScope", "region_unknown") => "لا توجد منطقة بهذا المعرّف.",
        ("/regionScope", "too_many") => "200 منطقة على الأكثر.",
        ("/displayName", "too_long") => "80 حرفًا على الأكثر.",
        ("/networks", "too_many") => "20 شبكة على الأكثر.",
        ("/networks", "network") => "اكتب عنوانًا أو شبكة، مثل \u{2068}10.2.0.0/16\u{2069}.",
        ("/expiresInDays", "out_of_range") => "عدد أيام من 1 إلى 3650.",
        ("/password", "required") => "أدخل كلمة المرور.",
        ("/accessKey", "required") => "أدخل مفتاح الوصول.",
        ("/secretKey", "required") => "أدخل المفتاح السري. يُحفظ مشفّرًا ولا يُعرض مرة أخرى.",
        ("/secret", "required") => "أدخل المفتاح.",
        ("/secret", "too_short") => "السرّ الذي تضعه 32 حرفًا على الأقل.",
        ("/secret", "too_long") => "256 حرفًا على الأكثر.",
        ("/secret", "characters") => "أحرف لاتينية مطبوعة بلا مسافات: يُرسل في ترويسة.",
        ("/name", "name_taken") => "لخطاف ويب آخر هذا الاسم.",
        ("/url", "url_scheme") => "ابدأ بـ \u{2068}https://\u{2069} أو \u{2068}http://\u{2069}.",
        ("/url", "url_userinfo") => "اترك اسم المستخدم وكلمة المرور خارج العنوان.",
        ("/url", "url_fragment") => "احذف \u{2068}#\u{2069} وما بعدها.",
        ("/url", "url_host" | "host_invalid") => {
            "المضيف اسم مثل \u{2068}hooks.example.com\u{2069}، أو عنوان \u{2068}IPv4\u{2069}، أو عنوان \u{2068}IPv6\u{2069} بين أقواس."
        }
        ("/url", "url_port") => "المنفذ رقم من 1 إلى 65535.",
        ("/url", "url_characters") => {
            "اكتب المسافات والأحرف غير اللاتينية والرموز الخاصة بترميز النسبة المئوية، مثل \u{2068}%20\u{2069}."
        }
        ("/url", "address_forbidden") => {
            "لا تتصل وحدة التحكم بهذا العنوان. أدخل العنوان الذي تصل به الأجهزة الأخرى."
        }
        (at, "unknown") if at.starts_with("/regionIds") => "لا توجد منطقة بهذا المعرّف.",
        ("/minutes" | "/until", "out_of_range") => "30 يومًا على الأكثر.",
        ("/deadline", "in_the_past") => "المهلة في الماضي.",
        _ => return None,
    })
}

fn field(pointer: &str, code: &str) -> Option<&'static str> {
    own(pointer, code).or_else(|| any(code))
}

fn any(code: &str) -> Option<&'static str> {
    Some(match code {
        "required" => "هذا الحقل مطلوب.",
        "too_long" => "النص أطول مما يُسمح به.",
        "too_short" => "النص أقصر مما يجب.",
        "out_of_range" => "القيمة خارج الحدود المسموح بها.",
        "control_characters" => "احذف أحرف التحكم.",
        "immutable" => "هذا لا يتغير بعد الإضافة.",
        "in_the_past" => "الموعد في الماضي.",
        "needs_deadline" => "حدد مهلة.",
        "not_applicable" => "لا ينطبق هذا هنا.",
        "not_both" | "one_of_two" => "اختر أحد الأمرين فقط.",
        "country_unknown" => "اختر دولة من القائمة.",
        "name_characters" => "اسم المنطقة أحرف لاتينية وأرقام وواصلات فقط.",
        "region_exists" => "توجد منطقة بهذا المعرّف.",
        "region_unknown" => "لا توجد هذه المنطقة.",
        "kind_not_regional" => "في المنطقة بوابات وعُقد معالجة فقط.",
        "endpoint_scheme" => {
            "استخدم \u{2068}http://\u{2069} أو \u{2068}https://\u{2069}، أو اترك البروتوكول."
        }
        "endpoint_userinfo" => "احذف اسم المستخدم وكلمة المرور من العنوان.",
        "endpoint_query" => "احذف ما يلي ? أو # من العنوان.",
        "endpoint_host" => "المضيف اسم أو عنوان IP.",
        "endpoint_port" => "المنفذ رقم من 1 إلى 65535.",
        "endpoint_path" => "مسار العنوان غير صحيح.",
        "endpoint_bucket" => "يذكر العنوان حاوية. احذفها منه وأدخلها في حقل الحاوية.",
        "endpoint_taken" => "عقدة أخرى مسجّلة بنقطة النهاية هذه.",
        "external_id_taken" => "لعقدة أخرى هذا المعرّف الخارجي.",
        "secret_taken" => "هذا السرّ مستخدم من قبل. اختر غيره.",
        "label_key" => "مفاتيح الوسوم من 1 إلى 63 من a-z و0-9 و- _ . /.",
        "too_many" => "32 وسمًا على الأكثر.",
        "ssl_contradiction" => "العنوان وخيار SSL متعارضان. غيّر أحدهما.",
        "path_style_ip" => "لا يمكن أن تسبق الحاوية عنوان IP. اختر التلقائي، أو شغّل أسلوب المسار.",
        "path_style_bucket" => "حاوية في اسمها نقطة لا تصلح في اسم مضيف. اختر التلقائي، أو شغّل أسلوب المسار.",
        "access_key_characters" => "مفتاح الوصول أحرف لاتينية بلا مسافات وبلا / و, و=.",
        "secret_key_characters" => "المفتاح السري أحرف لاتينية بلا مسافات: هل نُسخ أكثر من اللازم؟",
        "bucket_length" => "اسم الحاوية من 3 إلى 63 حرفًا.",
        "bucket_characters" => "اسم الحاوية أحرف لاتينية صغيرة وأرقام وواصلات ونقاط، يبدأ وينتهي بحرف أو رقم.",
        "bucket_address" => "لا يجوز أن يشبه اسم الحاوية عنوان IP.",
        "bucket_reserved" => "تحتفظ S3 لنفسها بالأسماء التي تبدأ أو تنتهي هكذا.",
        "signing_region" => {
            "منطقة التوقيع كلمة مثل \u{2068}us-east-1\u{2069}: أحرف لاتينية وأرقام وواصلات، 64 على الأكثر."
        }
        "prefix_characters" => "البادئة أحرف لاتينية وأرقام و-_./ فقط.",
        "prefix_parts" => "لا أجزاء فارغة بين الشرطات المائلة في البادئة، ولا جزء اسمه . أو ..",
        "region_mismatch" => "المنطقة لا توافق.",
        _ => return None,
    })
}

/// Steps of the tests of storage and of the background node.
fn seen(code: &str) -> Option<Seen> {
    let (cause, cure) = match code {
        "host_invalid" => ("العنوان غير صحيح.", "راجع العنوان."),
        "address_forbidden" => (
            "لا تتصل وحدة التحكم بهذا العنوان.",
            "أدخل العنوان الذي تصل به الأجهزة الأخرى. لخدمة على هذا الجهاز اذكر شبكتها في \u{2068}IQRA_OUTBOUND_ALLOW\u{2069}.",
        ),
        "name_unknown" => ("الاسم غير معروف.", "راجع الاسم وخادم DNS لهذا الجهاز."),
        "connection_refused" => ("رُفض الاتصال.", "شغّل الخدمة، أو راجع المنفذ."),
        "unreachable" => ("تعذّر الوصول.", "راجع العنوان والمسارات وجدار الحماية بين هنا وهناك."),
        "tls_unknown_authority" => (
            "الشهادة من جهة غير معروفة.",
            "أضف الجهة إلى الشهادات الموثوقة على هذا الجهاز، أو استخدم شهادة من جهة معروفة.",
        ),
        "tls_other_name" => ("الشهادة لاسم آخر.", "استخدم اسم المضيف المذكور في الشهادة."),
        "tls_expired" => ("الشهادة غير سارية في هذا الوقت.", "جدّد الشهادة، وراجع ساعتي الجهازين."),
        "tls_not_spoken" => ("لا يُستخدم TLS على هذا المنفذ.", "أوقف SSL، أو استخدم منفذ HTTPS."),
        "tls_failed" => ("فشل TLS.", "تحقق من أن الخدمة تدعم TLS 1.2 أو 1.3."),
        "dns_timeout" => ("لم يُجب خادم DNS في الوقت المحدد.", "راجع خادم DNS لهذا الجهاز."),
        "connect_timeout" => ("لم يُفتح المنفذ في الوقت المحدد.", "راجع العنوان وجدار الحماية بين هنا وهناك."),
        "tls_timeout" => {
            ("لم يكتمل TLS في الوقت المحدد.", "تحقق من أن الخدمة غير عالقة، وأن المنفذ لـ HTTPS.")
        }
        "reply_timeout" => ("لم يصل رد في الوقت المحدد.", "تحقق من أن الخدمة غير عالقة ولا مثقلة."),
        "no_reply" | "reply_too_large" => ("لم يصل رد مفهوم.", "راجع المنفذ، وهل يتطلب HTTPS."),
        "unsendable" => ("لا يمكن إرسال الطلب كما هو.", "أدخل المفتاح مجددًا."),
        "not_s3" => (
            "ما يجيب هناك ليس S3.",
            "راجع العنوان والمنفذ (منفذ الواجهة البرمجية لا صفحة الإدارة)، وهل يتطلب SSL.",
        ),
        "content_differs" => (
            "عاد الكائن بمحتوى آخر: شيء في الطريق يجيب مكانه أو يغيّر ما يمر.",
            "راجع العنوان والمنفذ، والوسطاء في الطريق.",
        ),
        "access_key_unknown" => {
            ("لا يعرف التخزين مفتاح الوصول هذا.", "راجع مفتاح الوصول، وأن هذا هو التخزين الذي أُنشئ عليه.")
        }
        "secret_key_wrong" => (
            "المفتاح السري لا يخص مفتاح الوصول هذا.",
            "أدخل المفتاح السري مجددًا. للوسيط الذي يغيّر المضيف أو المسار الأثر نفسه.",
        ),
        "key_expired" => ("انتهت صلاحية المفاتيح.", "أنشئ مفاتيح جديدة وأدخلها هنا."),
        "clock_skew" => ("ساعتا هذا الخادم والتخزين متباعدتان.", "اضبط الساعتين عبر \u{2068}NTP\u{2069}."),
        "bucket_taken" => ("اسم الحاوية يخص غيرك.", "اختر اسمًا آخر للحاوية."),
        "bucket_name" => ("يرفض التخزين اسم الحاوية.", "اختر اسمًا آخر للحاوية."),
        "bucket_limit" => ("بلغ الحساب حد الحاويات.", "استخدم حاوية موجودة، أو ارفع الحد."),
        "bucket_missing" => ("لا توجد هذه الحاوية.", "راجع الاسم، أو دع الاختبار ينشئها."),
        "storage_full" => ("التخزين ممتلئ.", "أفرغ مكانًا، أو ارفع الحصة."),
        "signing_region" => ("الحاوية ليست في منطقة التوقيع هذه.", "اضبط منطقة التوقيع على منطقة الحاوية."),
        "object_missing" => (
            "الكائن الذي كُتب للتو غير موجود.",
            "تحقق من أن لا شيء يحذف الكائنات تحت هذه البادئة، وأن كل العناوين تؤدي إلى تخزين واحد.",
        ),
        "credentials_refused" => ("يرفض التخزين المفاتيح.", "راجع مفتاح الوصول والمفتاح السري."),
        "storage_busy" => {
            ("التخزين مثقل أو في الصيانة.", "حاول مجددًا بعد دقيقة؛ وإن استمر ذلك فانظر في التخزين نفسه.")
        }
        "storage_error" => ("حدث خطأ في التخزين نفسه.", "انظر في سجل التخزين."),
        "storage_refused" => {
            ("يرفض التخزين الطلب.", "انظر في سجل التخزين، وراجع الحاوية ومنطقة التوقيع وأسلوب المسار.")
        }
        "test_timeout" => ("التخزين أبطأ من أن يكتمل الاختبار.", "راجع حمل التخزين والشبكة في الطريق."),
        "not_a_node" => ("يجيب هناك شيء ليس عقدة خلفية.", "راجع المنفذ."),
        "keys_differ" => (
            "المفتاحان مختلفان: لا تقبل العقدة هذا المفتاح.",
            "ضع هذا المفتاح في \u{2068}appsettings.json\u{2069} على خادم العقدة تحت \u{2068}Security.ApiKey\u{2069} وأعد تشغيلها، أو الصق مفتاحها هنا.",
        ),
        "background_missing" => ("لا عنوان أو لا مفتاح.", "أدخل عنوان عقدة الخلفية ومفتاحها."),
        // What has to be allowed is in the server's words: a right and a resource.
        "access_denied" => return Some(("المفتاح مقبول لكن لا يُسمح له بهذا.", None)),
        _ => return None,
    };
    Some((cause, Some(cure)))
}

/// What a condition of a delete rests on.
fn fact(p: &Precondition) -> String {
    let n = p.count.unwrap_or(0);
    let lasted = |seconds: Option<u64>| iso(&format::interval(seconds.unwrap_or(0).saturating_mul(1000)));
    let (so_far, needed) = (lasted(p.seconds), lasted(p.needed_seconds));
    let lost = if p.met { "أكّدت أنه مفقود." } else { "أكّد أنه مفقود." };
    match p.fact {
        Fact::Disabled => "حالته المطلوبة: معطّل.".to_owned(),
        Fact::NotDisabled => "يجب التعطيل أولًا.".to_owned(),
        Fact::NeitherDisabled => "عطّل العقدة أو منطقتها أولًا.".to_owned(),
        Fact::MayRun => "ربما ما زالت العملية قائمة. أوقفها أولًا.".to_owned(),
        Fact::SilentTooShort => format!("مدة الصمت {so_far}، والمطلوب {needed}."),
        Fact::DisabledTooShort => format!("مدة التعطيل {so_far}، والمطلوب {needed}."),
        Fact::CountsFromDisabled => "يُحسب الصمت من وقت التعطيل.".to_owned(),
        Fact::NeverHeard => "لم تصل منها أي نبضة قط.".to_owned(),
        Fact::Silent => format!("مدة الصمت {so_far}."),
        Fact::Judgeable => "يمكن الحكم على الصمت.".to_owned(),
        Fact::Unjudgeable => "لا يستطيع الخادم المركزي الحكم على الصمت الآن. حاول مجددًا حين يستطيع.".to_owned(),
        Fact::NeverWorked => "لم تُبلغ عن أي عمل قط.".to_owned(),
        Fact::NoWork => "أبلغت آخر نبضة أنه لا عمل.".to_owned(),
        Fact::WorkLeft => format!("أبلغت آخر نبضة عن عمل باقٍ: {}. {lost}", number(n)),
        Fact::WorkUnknown => format!("لم تذكر آخر نبضة شيئًا عن العمل. {lost}"),
        Fact::NoCommand => "لا أمر مفتوحًا.".to_owned(),
        Fact::CommandsOpen => {
            format!("الأوامر المفتوحة: {}. اسحبها، أو انتظر حتى تنتهي.", number(n))
        }
        Fact::NoNodes => "لا عُقد في المنطقة.".to_owned(),
        Fact::NodesLeft => format!("ما زال في المنطقة {}. احذف ما فيها أولًا.", nom(n, &NODE)),
    }
}

/// Why a row of many was not done.
fn row(r: &RowResult) -> Option<String> {
    let text = match r.code? {
        RowCode::NotFound => "لا توجد هذه العقدة.",
        RowCode::OutOfScope => "لا يسمح حسابك بتغيير هذه العقدة.",
        RowCode::NotLive => "العقدة غير نابضة، فلا تسمع الأمر.",
        RowCode::AlreadyRequested => "طُلب إيقافها من قبل، وما زال الأمر مفتوحًا.",
        RowCode::TooManyCommands => "لدى العقدة أقصى عدد من الأوامر المفتوحة. اسحب أحدها.",
        RowCode::StaleVersion => "غيّرها شخص آخر في اللحظة نفسها. حاول مجددًا.",
        RowCode::DeleteRefused => match &r.precondition {
            Some(first) => return Some(fact(first)),
            None => "لم يتحقق بعد كل ما يلزم للحذف.",
        },
    };
    Some(text.to_owned())
}

/// Arabic.
pub(super) const REFUSALS: RefusalWords = RefusalWords { title, detail, field, seen, fact, row };
